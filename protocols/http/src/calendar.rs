//! Seconds since 1970 and the proleptic Gregorian calendar: the little that cookie dates and HSTS files need.

/// A moment in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl Moment {
    /// Seconds since 1970; `None` when there is no such moment.
    pub(crate) fn seconds(self) -> Option<i64> {
        let Moment { year, month, day, hour, minute, second } = self;
        let fits = (1..=12).contains(&month) && (0..=23).contains(&hour) && (0..=59).contains(&minute);
        if !fits || !(0..=59).contains(&second) || !(1..=9999).contains(&year) {
            return None;
        }
        let days = days(year, month, day);
        // A day that the month has not is one of the next month.
        if day < 1 || Moment::of(days * 86_400).month != month {
            return None;
        }
        Some(days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    /// The moment that many seconds after 1970 began.
    pub(crate) fn of(seconds: i64) -> Moment {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Years that begin in March have their leap day last; 400 of them are an era of 146 097 days.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Moment {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in -1000..146_097 {
            let moment = Moment::of(day * 86_400 + 3_723);
            assert_eq!(moment.seconds(), Some(day * 86_400 + 3_723), "{moment:?}");
        }
        let leap = Moment { year: 2000, month: 2, day: 29, hour: 0, minute: 0, second: 0 };
        assert_eq!(leap.seconds(), Some(951_782_400));
        for bad in [
            Moment { year: 1900, ..leap },
            Moment { month: 13, ..leap },
            Moment { day: 0, ..leap },
            Moment { day: 30, ..leap },
            Moment { hour: 24, ..leap },
            Moment { second: 60, ..leap },
        ] {
            assert_eq!(bad.seconds(), None, "{bad:?}");
        }
    }
}
