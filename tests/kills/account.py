"""Rows and disk compared after the kills: what must hold whatever happened. Pure reading."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

MOST_KILLS = 10  # media_pipeline.jobs
ENDS = {"done": "ready", "refused": "refused", "quarantined": "failed"}
FILES = ("master.m3u8", "progressive.mp4", "poster.jpg", "storyboard.vtt")


def faults(found: dict[str, Any], sent: dict[str, str], var: Path) -> list[str]:
    """What does not hold; `sent` says what kind of film each recording is."""
    return [
        *_each_ended_with_a_reason(found),
        *_none_lost_or_doubled(found, sent),
        *_each_kind_ended_as_it_should(found, sent),
        *_nothing_is_left_over(found),
        *(fault for asset in found["assets"] for fault in _whole(asset, var)),
    ]


def _each_ended_with_a_reason(found: dict[str, Any]) -> list[str]:
    assets = {asset["id"]: asset for asset in found["assets"]}
    wrong = []
    for job in found["jobs"]:
        asset = assets[job["asset_id"]]
        if job["state"] in ("queued", "running") or job["lease_owner"]:
            wrong.append(f"stuck: {job}")
        elif job["lane"] == "full" and ENDS[job["state"]] != asset["state"]:
            wrong.append(f"{job['state']}, but the recording is {asset['state']}: {job}")
    wrong += [
        f"without a reason: {asset}"
        for asset in assets.values()
        if asset["state"] in ("refused", "failed") and not asset["reason"]
    ]
    return wrong


def _none_lost_or_doubled(found: dict[str, Any], sent: dict[str, str]) -> list[str]:
    assets = {asset["id"] for asset in found["assets"]}
    wrong = [
        f"lost: {asset}"
        for asset, kind in sent.items()
        if kind != "deleted" and asset not in assets
    ]
    wrong += [
        f"not deleted: {asset}"
        for asset, kind in sent.items()
        if kind == "deleted" and asset in assets
    ]
    full = Counter(job["asset_id"] for job in found["jobs"] if job["lane"] == "full")
    wrong += [f"{count} full jobs: {asset}" for asset, count in full.items() if count != 1]
    wrong += [f"no job: {asset}" for asset in assets - set(full)]
    files = Counter(asset["original_name"] for asset in found["assets"])
    # A transfer whose answer was lost is sent anew, and is a recording of its own then.
    again = len(assets) - len(set(sent) & assets)
    doubled = sum(count - 1 for count in files.values())
    if doubled > again:
        wrong.append(f"{doubled} doubled, {again} sent anew")
    return wrong


def _each_kind_ended_as_it_should(found: dict[str, Any], sent: dict[str, str]) -> list[str]:
    may = {"broken": {"refused"}, "poison": {"failed"}, "plain": {"ready", "failed"}}
    wrong = [
        f"{sent[asset['id']]}, but {asset['state']}: {asset}"
        for asset in found["assets"]
        if asset["id"] in sent and asset["state"] not in may[sent[asset["id"]]]
    ]
    wrong += [
        f"poison, but {asset['reason']}: {asset}"
        for asset in found["assets"]
        if sent.get(asset["id"]) == "poison"
        and asset["state"] == "failed"
        and asset["reason"] != "crashed"
    ]
    # A sound film is given up only where kill followed kill without a segment in between.
    kills = {job["asset_id"]: job["kills"] for job in found["jobs"] if job["lane"] == "full"}
    wrong += [
        f"given up after {kills[asset['id']]} kills: {asset}"
        for asset in found["assets"]
        if sent.get(asset["id"]) == "plain"
        and asset["state"] == "failed"
        and kills[asset["id"]] < MOST_KILLS
    ]
    return wrong


def _nothing_is_left_over(found: dict[str, Any]) -> list[str]:
    published = {asset["package_id"] for asset in found["assets"] if asset["package_id"]}
    kept = {asset["id"] for asset in found["assets"] if asset["original_key"]}
    there = {
        "package rows": (published, {package["key"] for package in found["packages"]}),
        "package folders": (published, set(found["folders"]["packages"])),
        "originals": (kept, set(found["folders"]["originals"])),
        "scratch folders": (set(), set(found["folders"]["work"])),
        "incoming": (set(), {n for n in found["folders"]["incoming"] if n.endswith(".part")}),
    }
    return [
        f"{what}: {sorted(is_ - ought)} too many, {sorted(ought - is_)} missing"
        for what, (ought, is_) in there.items()
        if ought != is_
    ]


def _whole(asset: dict[str, Any], var: Path) -> list[str]:
    """A published package is complete: every list has its end, and every file that it names."""
    if asset["state"] != "ready":
        return []
    folder = var / "media" / "packages" / asset["package_id"]
    wrong = [f"{name} is missing: {asset}" for name in FILES if not (folder / name).is_file()]
    for playlist in sorted(folder.glob("*/index.m3u8")):
        text = playlist.read_text("ascii")
        named = re.findall(r'URI="([^"]+)"', text) + re.findall(r"^[^#\s].*$", text, re.MULTILINE)
        if "#EXT-X-ENDLIST" not in text or len(named) < 2:
            wrong.append(f"{playlist} is no finished list")
        wrong += [
            f"{playlist} names {one}" for one in named if not (playlist.parent / one).is_file()
        ]
    seconds = {
        round(sum(map(float, re.findall(r"#EXTINF:([\d.]+)", path.read_text()))))
        for path in folder.glob("*p/index.m3u8")
    }
    if len(seconds) != 1 or abs(seconds.pop() - asset["duration"]) > 1:
        wrong.append(f"not the whole film: {asset}")
    return wrong
