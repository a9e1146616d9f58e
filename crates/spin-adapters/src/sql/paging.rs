//! Pages of lists that walk an index and leave out on the way what is not wanted.

use super::DbError;

/// The most rows that a filtered list reads for one page, however few of them match.
const WALK: u32 = 1000;

/// A page of at most `limit` rows that are wanted, from the position `after` on, and the position to
/// go on after, if there may be more. `read` reads a number of rows after a position. `all` says that
/// every row is wanted: then one more than asked for shows whether there are more. Otherwise twice
/// as many are read first, and only if too few of them are wanted, the rest.
pub(crate) fn page<T, P, R: ExactSizeIterator<Item = Result<T, DbError>>>(
    limit: u32,
    all: bool,
    mut after: P,
    read: impl Fn(&P, u32) -> Result<R, DbError>,
    position: impl Fn(&T) -> P,
    wanted: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, Option<P>), DbError> {
    let one_more = limit.saturating_add(1);
    let mut left = if all { one_more } else { WALK.max(one_more) };
    let mut rows = if all { left } else { left.min(limit.saturating_add(one_more)) };
    let mut list: Vec<T> = Vec::new();
    loop {
        let walked = read(&after, rows)?;
        let full = walked.len() >= rows as usize;
        list.reserve(walked.len().min(limit as usize));
        for row in walked {
            let row = row?;
            after = position(&row);
            if wanted(&row) {
                if list.len() == limit as usize {
                    let last = list.last().map(position);
                    return Ok((list, last));
                }
                list.push(row);
            }
        }
        left -= rows;
        if !full || left == 0 {
            return Ok((list, full.then_some(after)));
        }
        rows = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A page of the numbers 1 to `last` after `after`, and how many rows each statement asked for.
    fn of(last: i64, wanted: fn(&i64) -> bool, limit: u32, all: bool, after: i64) -> (Vec<i64>, Option<i64>, Vec<u32>) {
        let asked = RefCell::default();
        let read = |after: &i64, rows: u32| {
            RefCell::<Vec<_>>::borrow_mut(&asked).push(rows);
            let walked = (after + 1..=last).take(rows as usize).map(Ok).collect::<Vec<_>>();
            Ok(walked.into_iter())
        };
        let (list, next) = page(limit, all, after, read, |id| *id, wanted).unwrap();
        (list, next, asked.into_inner())
    }

    #[test]
    fn a_page_of_all_rows_goes_on_after_its_last_row() {
        let all = |_: &i64| true;
        assert_eq!(of(0, all, 2, true, 0), (vec![], None, vec![3]));
        assert_eq!(of(2, all, 2, true, 0), (vec![1, 2], None, vec![3]));
        assert_eq!(of(3, all, 2, true, 0), (vec![1, 2], Some(2), vec![3]));
        assert_eq!(of(3, all, 2, true, 2), (vec![3], None, vec![3]));
    }

    #[test]
    fn where_most_rows_are_wanted_few_are_read() {
        let odd = |id: &i64| id % 2 == 1;
        assert_eq!(of(9, odd, 2, false, 0), (vec![1, 3], Some(3), vec![5]));
        assert_eq!(of(4, odd, 2, false, 0), (vec![1, 3], None, vec![5]));
        assert_eq!(of(2000, odd, 1000, false, 0).2, [1001]);
        assert_eq!(of(2000, |_| true, 400, false, 0), ((1..=400).collect(), Some(400), vec![801]));
    }

    #[test]
    fn a_walk_without_anything_wanted_goes_on_all_the_same() {
        let rare = |id: &i64| *id == 900;
        assert_eq!(of(3000, rare, 2, false, 0), (vec![900], Some(1000), vec![5, 995]));
        assert_eq!(of(3000, rare, 2, false, 1000), (vec![], Some(2000), vec![5, 995]));
        assert_eq!(of(2500, rare, 2, false, 2000), (vec![], None, vec![5, 995]));
        assert_eq!(of(3000, |id| id % 500 == 0, 1, false, 0), (vec![500], Some(500), vec![3, 997]));
    }
}
