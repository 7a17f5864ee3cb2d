"""Waves: years before, during and after."""

import pytest

from valley_analysis.errors import PeriodError, RegisterError
from valley_analysis.sanctions import find_wave, waves
from valley_analysis.sanctions.waves import REGISTER


def test_the_two_waves():
    first, second = waves().values()
    assert first.pre == {"main": (2011, 2012, 2013)}
    assert second.pre == {"main": (2017, 2018, 2019, 2020, 2021), "short": (2017, 2018, 2019)}
    assert second.post == (2022, 2023, 2024)
    assert all(wave.concurrent for wave in waves().values())


@pytest.mark.parametrize("year", [2014, 2022])
def test_a_wave_is_made_of_sanctions_of_its_onset_alone(year):
    wave = find_wave(year)
    found = wave.measures()
    assert all(wave.start <= one.announced.date <= wave.onset_until for one in found)
    assert all(one.is_sanction for one in found)
    senders = {sender for one in found for sender in one.senders}
    assert "RU" not in senders
    assert "companies" not in senders


def test_each_wave_starts_with_its_first_sanction():
    for wave in waves().values():
        assert min(one.announced.date for one in wave.measures()) == wave.start


def test_there_is_no_wave_of_2018():
    with pytest.raises(PeriodError, match="found 2014, 2022"):
        find_wave(2018)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("main: [2011, 2012, 2013]", "main: [2012, 2013, 2014]", "is not before 2014"),
        ("main: [2011, 2012, 2013]", "early: [2011]", "no main definition"),
        ("part_treated: [2014]", "part_treated: [2013]", "are not all post years"),
        ("onset_until: 2014-12-31", "onset_until: 2014-01-01", "is before the start"),
        ("first_treated: 2014", "first_treated: 2015", "but starts on 2014-03-17"),
        ("post: [2014, 2015,", "post: [2015,", "begins 2015, not 2014"),
    ],
)
def test_a_wave_that_contradicts_itself_is_refused_with_its_line(tmp_path, old, new, text):
    content = REGISTER.read_text("utf-8")
    assert old in content
    path = tmp_path / "waves.yml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(RegisterError, match=rf"line \d+: 2014: .*{text}"):
        waves(path)
