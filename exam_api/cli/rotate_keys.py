"""`kaowu rotate-keys`: sealing identity numbers, phones and secrets anew after the master secret changed."""

from collections import Counter

import typer

from exam_api.cli.given import settings
from exam_api.cli.wired import run_on_parts
from exam_api.console_ports import Act
from exam_api.store.rotating import Hashed
from exam_api.wiring import Wired
from exam_api.wiring.persons import rotation


def run() -> None:
    """更换密钥 Seal everything anew under KAOWU_SECRET; KAOWU_PREVIOUS_SECRETS must hold the former one.

    May be stopped at any time and begun again: what is done stays done, and both keys are known meanwhile.
    """
    former = len(settings().previous_secrets)

    async def act(wired: Wired) -> tuple[Counter[str], int, Hashed]:
        anew: Counter[str] = Counter()
        work = rotation(wired.ground)
        done = Act(actor="operator:rotate-keys", at_ms=wired.exam.clock.now_ms())
        async for batch in work.run(act=done):
            anew[batch.column] += batch.rows
        return anew, await work.waiting(), await work.hashed(before_ms=await _since_ms(wired))

    anew, left, hashed = run_on_parts(act)
    for column, rows in sorted(anew.items()):
        typer.echo(f"{column:28} {rows}")
    for line in said(left=left, former=former, hashed=hashed):
        typer.echo(line)


def said(*, left: int, former: int, hashed: Hashed) -> list[str]:
    """What the operator is told in the end: above all, whether the former secret is still needed."""
    if left:
        return [f"还有 {left} 项未更换，请再运行一次。", f"{left} values are left: run it once more."]
    if not former:
        return ["没有需要更换的内容。", "Nothing was to be sealed anew."]
    if hashed.none:
        return [
            "全部更换完毕：所有进程以新设置重启后，可以删除 KAOWU_PREVIOUS_SECRETS。",
            "Done: once every process runs with the new settings KAOWU_PREVIOUS_SECRETS can be removed.",
        ]
    codes, links = hashed.recovery_codes, hashed.wechat_links
    zh = (
        f"密文已全部更换。还有 {codes} 个未用的恢复码、{links} 个微信绑定只存有旧密钥下的散列值，无法更换："
        "请保留 KAOWU_PREVIOUS_SECRETS，删除后它们即失效（恢复码可重新生成，微信可重新绑定）。"
    )
    en = (
        f"All is sealed anew. {codes} unused recovery codes and {links} WeChat links are known only by "
        "hashes under a former secret and cannot be made anew: keep KAOWU_PREVIOUS_SECRETS; without it they "
        "no longer open anything (people draw new codes, and link WeChat again)."
    )
    return [zh, en]


async def _since_ms(wired: Wired) -> int:
    """When a process first ran with the present secret: its signing key went on record then."""
    for key in await wired.parts.console.signing_keys.all():
        if key.id == wired.exam.key_id:
            return key.since_ms
    return wired.exam.clock.now_ms() + 1  # none has yet: every hash is older
