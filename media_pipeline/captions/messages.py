"""What a person reads when a caption file is refused: what is wrong, where, what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_pipeline.captions.cues import CaptionFault, Fault

SENTENCES = {
    Fault.EMPTY: gettext_noop("This file is empty. Please export the captions again."),
    Fault.TOO_LARGE: gettext_noop(
        "This file is too large for captions. Please choose an SRT or VTT file."
    ),
    Fault.TOO_MANY: gettext_noop(
        "This file has too many captions for one lecture. Please check that it is the right one."
    ),
    Fault.ENCODING: gettext_noop(
        "The characters of this file cannot be read. Please save it as UTF-8 and choose it again."
    ),
    Fault.NO_CUES: gettext_noop(
        "There are no captions in this file. Please choose an SRT or VTT file."
    ),
    Fault.TIME: gettext_noop(
        "The time of caption %(cue)s, “%(text)s”, cannot be read. It should look like "
        "00:01:05,000. Please correct it and choose the file again."
    ),
    Fault.ORDER: gettext_noop(
        "Caption %(cue)s, “%(text)s”, ends before it begins. Please correct it and choose the "
        "file again."
    ),
    Fault.TOO_LATE: gettext_noop(
        "Caption %(cue)s begins at %(text)s, after the recording has ended. Please check that "
        "the captions belong to this recording."
    ),
}


def caption_sentence(problem: CaptionFault) -> str:
    return _(SENTENCES[problem.fault]) % {"cue": problem.cue, "text": problem.text}
