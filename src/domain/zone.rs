//! Time zones of the IANA list, as the program carries them: the same on every host.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone};
use jiff::tz::{AmbiguousOffset, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone by its IANA name, such as `Europe/Berlin`; UTC by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

/// There is no time zone of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time zone: write one as Europe/Berlin or UTC")]
pub struct NoZone(String);

impl Zone {
    fn offset_at(&self, second: i64) -> FixedOffset {
        // Both calendars end far beyond any date of a plan.
        let at = jiff::Timestamp::from_second(second).unwrap_or_default();
        fixed(self.0.to_offset(at))
    }

    fn with(&self, offset: FixedOffset) -> ZoneOffset {
        ZoneOffset { zone: self.clone(), offset }
    }
}

fn fixed(offset: jiff::tz::Offset) -> FixedOffset {
    FixedOffset::east_opt(offset.seconds()).expect("offsets of zones are below a day")
}

impl Default for Zone {
    fn default() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        let zone = ZONES.get(name.trim()).ok().filter(|zone| zone.iana_name().is_some());
        zone.map(Self).ok_or_else(|| NoZone(name.to_owned()))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// What a clock of the zone is ahead of UTC at some instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    offset: FixedOffset,
}

impl chrono::Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.offset
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.offset.fmt(f)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone.clone()
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(chrono::NaiveTime::MIN))
    }

    /// Of a time that the clocks skip, none; of one that comes twice, both, the earlier first.
    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        // What the clock shows, counted as if it were UTC: the civil time that the other calendar asks for.
        let shown = jiff::Timestamp::from_second(local.and_utc().timestamp()).unwrap_or_default();
        let civil = jiff::tz::Offset::UTC.to_datetime(shown);
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => MappedLocalTime::Single(self.with(fixed(offset))),
            AmbiguousOffset::Gap { .. } => MappedLocalTime::None,
            AmbiguousOffset::Fold { before, after } => {
                MappedLocalTime::Ambiguous(self.with(fixed(before)), self.with(fixed(after)))
            }
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.with(self.offset_at(utc.and_utc().timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_of_the_list_and_come_back_as_they_stand_there() {
        assert_eq!(zone("europe/berlin").to_string(), "Europe/Berlin");
        assert_eq!(serde_json::to_string(&zone("Asia/Kolkata")).unwrap(), r#""Asia/Kolkata""#);
        assert_eq!(serde_json::from_str::<Zone>(r#""UTC""#).unwrap(), Zone::default());
        for nothing in ["", "Mars/Olympus", "../UTC", "+02:00", "Etc/Unknown"] {
            assert_eq!(nothing.parse::<Zone>(), Err(NoZone(nothing.into())));
        }
    }

    #[test]
    fn clocks_go_forward_and_back_as_the_list_says() {
        let berlin = zone("Europe/Berlin");
        assert!(berlin.from_local_datetime(&local("2026-03-29T02:30:00")).latest().is_none());
        let twice = berlin.from_local_datetime(&local("2026-10-25T02:30:00"));
        let (first, second) = (twice.clone().earliest().unwrap(), twice.latest().unwrap());
        assert_eq!(second - first, TimeDelta::hours(1));
        let noon = berlin.from_local_datetime(&local("2026-07-01T12:00:00")).unwrap();
        assert_eq!(noon.to_utc().to_rfc3339(), "2026-07-01T10:00:00+00:00");
    }

    proptest::proptest! {
        #[test]
        fn there_and_back_is_the_same_instant(second in -2_000_000_000_i64..40_000_000_000, name in proptest::sample::select(
            vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"],
        )) {
            let at = chrono::DateTime::<Utc>::from_timestamp(second, 0).unwrap();
            let here = at.with_timezone(&zone(name));
            proptest::prop_assert_eq!(here.to_utc(), at);
            let again = here.naive_local().and_local_timezone(zone(name));
            proptest::prop_assert!([again.clone().earliest(), again.latest()].iter().flatten().any(|found| *found == at));
        }
    }
}
