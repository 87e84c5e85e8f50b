"""What a benchmark reports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value that should not exceed its limit, or (`at_least`) not fall below it."""

    name: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def line(self, *, width: int) -> str:
        verdict = "ok" if self.reached else "MISSED"
        bound = f"at {'least' if self.at_least else 'most'} {self.limit:g}"
        return f"{verdict:<6} {self.name:<{width}}  {self.value:10.2f} {self.unit}  ({bound})"
