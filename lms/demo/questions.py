"""What members asked the speakers of demo lectures: answered ones below the film, one that waits."""

from __future__ import annotations

from collections.abc import Sequence

from cms.enquiries.answering import enquiry_answer
from cms.enquiries.models import Enquiry
from cms.enquiries.sending import enquiry_send
from cms.models import LecturePage
from organizations.models import User

# Of the lecture at each place: the question, and the answer if there is one.
ASKED = (
    (
        0,
        "（演示提问）家里老人接到自称“公安”的电话，第一步该怎么办？",
        "（演示答复）先挂断，不转账、不报验证码；再拨打96110核实，或请社区民警当面看一看。",
    ),
    (1, "（演示提问）连续阴天，大棚白天还要不要揭帘？", ""),
    (
        5,
        "（演示提问）幼树也按这四步剪吗？",
        "（演示答复）顺序一样，但幼树宜轻剪、多留枝，先把骨架养起来。",
    ),
)


def questions_seed(lectures: Sequence[LecturePage]) -> None:
    """By the product's own acts; once."""
    if Enquiry.objects.exists():
        return
    member = User.objects.get(username="member")
    curator = User.objects.get(username="curator")
    for place, question, answer in ASKED:
        if place >= len(lectures):
            continue
        enquiry = enquiry_send(
            sender=member, kind=Enquiry.Kind.QUESTION, text=question, lecture=lectures[place]
        )
        if answer:
            enquiry_answer(actor=curator, enquiry=enquiry, text=answer)
