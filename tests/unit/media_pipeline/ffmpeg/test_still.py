from media_pipeline.ffmpeg.still import STILL_HEIGHT, STILL_WIDTH, still_boxes


def test_everything_is_painted_inside_the_picture() -> None:
    for box in still_boxes():
        assert 0 <= box.x < box.x + box.width <= STILL_WIDTH
        assert 0 <= box.y < box.y + box.height <= STILL_HEIGHT


def test_boxes_lie_on_even_pixels_so_that_their_colour_does_not_bleed() -> None:
    for box in still_boxes():
        assert not any(value % 2 for value in (box.x, box.y, box.width, box.height))
