//! Pages of lists that walk an index and leave out on the way what is not wanted.

/// The most rows that a filtered list reads for one page, however few of them match.
const WALK: u32 = 1000;

/// How many rows are read for a page of at most `limit`, if all of them are wanted or only
/// some. One more than asked for shows whether there are more.
pub(crate) fn rows(limit: u32, all: bool) -> u32 {
    let one_more = limit.saturating_add(1);
    if all { one_more } else { WALK.max(one_more) }
}

/// What is wanted of `walked`, which has `rows` rows unless there are no more, and the
/// position to go on after, if there may be more.
pub(crate) fn page<T, P>(
    walked: Vec<T>,
    rows: u32,
    limit: u32,
    position: impl Fn(&T) -> P,
    wanted: impl Fn(&T) -> bool,
) -> (Vec<T>, Option<P>) {
    let (limit, full) = (limit as usize, walked.len() >= rows as usize);
    let last = walked.last().map(&position);
    let mut list: Vec<_> = walked.into_iter().filter(|row| wanted(row)).collect();
    if list.len() > limit {
        list.truncate(limit);
        let next = list.last().map(position);
        return (list, next);
    }
    (list, last.filter(|_| full))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(walked: &[i64], wanted: fn(&i64) -> bool, limit: u32, rows: u32) -> (Vec<i64>, Option<i64>) {
        page(walked.to_vec(), rows, limit, |id| *id, wanted)
    }

    #[test]
    fn no_more_rows_are_read_than_a_page_has_at_most() {
        assert_eq!((rows(10, true), rows(10, false), rows(1000, false)), (11, 1000, 1001));
    }

    #[test]
    fn a_page_goes_on_after_its_last_row() {
        let all = |_: &i64| true;
        assert_eq!(of(&[], all, 2, 3), (vec![], None));
        assert_eq!(of(&[1, 2], all, 2, 3), (vec![1, 2], None));
        assert_eq!(of(&[1, 2, 5], all, 2, 3), (vec![1, 2], Some(2)));
    }

    #[test]
    fn a_walk_without_anything_wanted_goes_on_all_the_same() {
        let even = |id: &i64| id % 2 == 0;
        assert_eq!(of(&[1, 3, 5], even, 2, 3), (vec![], Some(5)));
        assert_eq!(of(&[1, 3], even, 2, 3), (vec![], None));
        assert_eq!(of(&[1, 2, 4, 6], even, 2, 4), (vec![2, 4], Some(4)));
        assert_eq!(of(&[2, 3, 4, 5], even, 2, 4), (vec![2, 4], Some(5)));
    }
}
