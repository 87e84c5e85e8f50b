"""Rows for tests, one factory a model, traits for what a test is about.

`OrganizationFactory(township=True, parent=county)`, `UserFactory(secretary=True, unit=branch)`,
`VideoAssetFactory(ready=True)`, `LecturePageFactory(draft=True)`. Nothing here touches files:
a ready recording has rows only. What a single test needs stays in that test.
"""

from tests.factories.enquiries import EnquiryFactory
from tests.factories.learning import (
    ClaimFactory,
    ClassItemFactory,
    ClassPlanFactory,
    CompletionFactory,
    EnrolmentFactory,
    EnrolmentRuleFactory,
    PersonClockFactory,
    PlaySessionFactory,
    ReadingItemFactory,
    SessionItemFactory,
    TrainingClassFactory,
    ViewingCheckFactory,
)
from tests.factories.lectures import LecturePageFactory, library, many_lectures, shelf_of
from tests.factories.people import (
    MembershipFactory,
    OrganizationFactory,
    PlacementFactory,
    PostFactory,
    TagFactory,
    UserFactory,
)
from tests.factories.programme import (
    ActivityFactory,
    AudienceFactory,
    BaseFactory,
    CollectionFactory,
    GatheringFactory,
    MenuFactory,
    ProductionFactory,
    ProgrammeFactory,
    SpeakerFactory,
    TopicFactory,
)
from tests.factories.recordings import (
    PackageFactory,
    RenditionFactory,
    TranscodeJobFactory,
    UploadFactory,
    VideoAssetFactory,
)

__all__ = [
    "ActivityFactory",
    "AudienceFactory",
    "BaseFactory",
    "ClaimFactory",
    "ClassItemFactory",
    "ClassPlanFactory",
    "CollectionFactory",
    "CompletionFactory",
    "EnquiryFactory",
    "EnrolmentFactory",
    "EnrolmentRuleFactory",
    "GatheringFactory",
    "LecturePageFactory",
    "MembershipFactory",
    "MenuFactory",
    "OrganizationFactory",
    "PackageFactory",
    "PersonClockFactory",
    "PlacementFactory",
    "PlaySessionFactory",
    "PostFactory",
    "ProductionFactory",
    "ProgrammeFactory",
    "ReadingItemFactory",
    "RenditionFactory",
    "SessionItemFactory",
    "SpeakerFactory",
    "TagFactory",
    "TopicFactory",
    "TrainingClassFactory",
    "TranscodeJobFactory",
    "UploadFactory",
    "UserFactory",
    "VideoAssetFactory",
    "ViewingCheckFactory",
    "library",
    "many_lectures",
    "shelf_of",
]
