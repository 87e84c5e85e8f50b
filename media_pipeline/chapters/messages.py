"""What is wrong with chapters as they were written, in words for whoever wrote them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_pipeline.chapters.reading import LONGEST_TITLE, MOST, ChapterFault, Fault

SENTENCES = {
    Fault.TIME: gettext_noop(
        "Line %(line)s, “%(text)s”, does not begin with a time. Write it like 1:05 or 1:02:30, "
        "then the title."
    ),
    Fault.TITLE: gettext_noop(
        "Line %(line)s, “%(text)s”, has no title. Please write what begins there."
    ),
    Fault.LONG: gettext_noop(
        "The title in line %(line)s, “%(text)s”, is too long. Please keep it within %(longest)s "
        "characters."
    ),
    Fault.ORDER: gettext_noop(
        "Line %(line)s, “%(text)s”, is not later than the line before. Please put the lines in "
        "order of time, each time once."
    ),
    Fault.TOO_LATE: gettext_noop(
        "Line %(line)s, “%(text)s”, is after the end of the recording. Please check the time."
    ),
    Fault.TOO_MANY: gettext_noop(
        "There are more than %(most)s chapters. Please put some of them together."
    ),
}


def chapter_sentence(problem: ChapterFault) -> str:
    return _(SENTENCES[problem.fault]) % {
        "line": problem.line,
        "text": problem.text,
        "longest": LONGEST_TITLE,
        "most": MOST,
    }
