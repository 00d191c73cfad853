"""An invigilator who looks: the whole live table once, then what changes over the stream."""

from loadtest.plan import Plan, Staff
from loadtest.steps import Ask, Listen, Steps, Wait


def watches(one: Staff, number: int, plan: Plan) -> Steps:
    """From some instant of the arrival, one invigilator after the other, to the end."""
    yield Wait(plan.shape.arrive_s * number / len(plan.staff))
    path = f"/api/sessions/{one.session_id}"
    yield Ask(name="live", method="GET", path=f"{path}/live", cookie=one.cookie)
    yield Listen(path=f"{path}/watch", cookie=one.cookie)
    yield Wait(plan.shape.ends_s)
