"""The list of commands; only the module of the command that was asked for is loaded."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import typer

from exam_api.cli.given import refuse
from exam_api.serving.errors import ServingRefused
from exam_api.settings import SettingsRefused

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "serve": ("exam_api.cli.serve", "运行服务 Run the service, whole or one role of it."),
    "migrate": ("exam_api.cli.migrate", "升级数据库结构 Bring the database to the newest schema."),
    "demo": ("exam_api.cli.demo", "装入演示数据 Load the demo's world and print the ways in."),
    "import-pool": ("exam_api.cli.import_pool", "导入题库 Take a question bank into a pool."),
    "export-pool": ("exam_api.cli.export_pool", "导出题库 Hand a pool out as a workbook or JSON."),
    "show-paper": ("exam_api.cli.show_paper", "还原试卷 Show a paper as its candidate saw it."),
    "create-staff": ("exam_api.cli.create_staff", "建立账号 Make an account and print its first password."),
    "reset-password": ("exam_api.cli.reset_password", "重置密码 Give an account a new first password."),
    "reset-totp": ("exam_api.cli.reset_totp", "重置两步验证 Take a lost second factor away."),
    "retention": (
        "exam_api.cli.retention",
        "到期数据清理 Erase what was kept long enough; --dry-run counts.",
    ),
    "rotate-keys": ("exam_api.cli.rotate_keys", "更换密钥 Seal everything anew under the present secret."),
    "backup": ("exam_api.cli.backup", "备份 Write everything on record into one file."),
    "restore": ("exam_api.cli.restore", "恢复备份 Put a backup back; --wipe takes out what is there."),
    "replay-log": ("exam_api.cli.replay_log", "补写作答 Write what Redis still holds once more."),
    "verify-receipt": (
        "exam_api.cli.verify_receipt",
        "核验交卷回执 Check a hand-in receipt without the service.",
    ),
    "verify-audit": (
        "exam_api.cli.verify_audit",
        "核验审计链 Walk the audit; name the first line that does not fit.",
    ),
    "audit-seals": (
        "exam_api.cli.audit_seals",
        "导出审计日封印 Print the signed ends of the audit's days, to be held outside.",
    ),
    "plan-capacity": (
        "exam_api.cli.plan_capacity",
        "推算容量 Machines, cores and memory for N candidates, from what was measured.",
    ),
    "rehearse": (
        "exam_api.cli.rehearse",
        "考前彩排 Let shadow candidates sit a planned session here; go or no-go, the bottleneck by name.",
    ),
    "models": (
        "exam_api.cli.models",
        "画面分析模型 Model files that look at camera pictures: list, install.",
    ),
    "proctor-eval": (
        "exam_api.cli.proctor_eval",
        "评测画面分析 Measure what looks at camera pictures on a set of pictures.",
    ),
    "doctor": ("exam_api.cli.doctor", "检查运行环境 Check the surroundings, each finding with what to do."),
}
"""Name → module with a function `run`, and one line of help."""


def application(words: Sequence[str]) -> typer.Typer:
    """The command line for these words: the asked command whole, the others by name and help."""
    app = typer.Typer(
        name="kaowu",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="考务 Kaowu：考试服务 the exam service. 设置 Settings: KAOWU_… (docs/operations.md).",
    )
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, (module, told) in COMMANDS.items():
        command: Callable[..., Any] = importlib.import_module(module).run if name == asked else _by_name_only
        app.command(name, help=None if name == asked else told)(command)
    return app


def _by_name_only() -> None:
    """Stand in the list of commands."""


def main() -> None:
    """Run one command; what is refused ends in one sentence and status 1."""
    try:
        application(sys.argv[1:])()
    except (SettingsRefused, ServingRefused) as refused:
        refuse(str(refused))
