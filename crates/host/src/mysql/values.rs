//! Conversion of values between guests and the driver. The wire type and the flags of a
//! column determine its type. As in Spin, a type that Spin does not know (dates, decimals,
//! JSON) fails when a value is read, after the statement was executed.

use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::prelude::FromValue;
use mysql_async::{Row, Value, from_value_opt};

use crate::bindings::spin::rdbms_types::{Column, DbDataType, DbValue, Error, ParameterValue};

/// The maximum size of a result, as in Spin.
const MAX_RESULT_BYTES: usize = 128 << 20;

/// Converts a parameter of a guest.
pub(super) fn parameter(value: ParameterValue) -> Value {
    match value {
        ParameterValue::Boolean(v) => v.into(),
        ParameterValue::Int8(v) => v.into(),
        ParameterValue::Int16(v) => v.into(),
        ParameterValue::Int32(v) => v.into(),
        ParameterValue::Int64(v) => v.into(),
        ParameterValue::Uint8(v) => v.into(),
        ParameterValue::Uint16(v) => v.into(),
        ParameterValue::Uint32(v) => v.into(),
        ParameterValue::Uint64(v) => v.into(),
        ParameterValue::Floating32(v) => v.into(),
        ParameterValue::Floating64(v) => v.into(),
        ParameterValue::Str(v) => v.into(),
        ParameterValue::Binary(v) => v.into(),
        ParameterValue::DbNull => Value::NULL,
    }
}

/// Converts the columns of a result.
pub(super) fn columns(columns: &[mysql_async::Column]) -> Vec<Column> {
    columns
        .iter()
        .map(|column| Column {
            name: column.name_str().into_owned(),
            data_type: data_type(column.column_type(), column.flags()),
        })
        .collect()
}

fn data_type(wire: ColumnType, flags: ColumnFlags) -> DbDataType {
    use ColumnType as T;
    let unsigned = flags.contains(ColumnFlags::UNSIGNED_FLAG);
    let binary = flags.contains(ColumnFlags::BINARY_FLAG);
    let either = |yes: bool, then: DbDataType, otherwise: DbDataType| if yes { then } else { otherwise };
    match wire {
        T::MYSQL_TYPE_TINY => either(unsigned, DbDataType::Uint8, DbDataType::Int8),
        T::MYSQL_TYPE_SHORT => either(unsigned, DbDataType::Uint16, DbDataType::Int16),
        T::MYSQL_TYPE_INT24 | T::MYSQL_TYPE_LONG => either(unsigned, DbDataType::Uint32, DbDataType::Int32),
        T::MYSQL_TYPE_LONGLONG => either(unsigned, DbDataType::Uint64, DbDataType::Int64),
        T::MYSQL_TYPE_FLOAT => DbDataType::Floating32,
        T::MYSQL_TYPE_DOUBLE => DbDataType::Floating64,
        // Only the flag distinguishes text from blob.
        T::MYSQL_TYPE_STRING | T::MYSQL_TYPE_VAR_STRING | T::MYSQL_TYPE_BLOB => {
            either(binary, DbDataType::Binary, DbDataType::Str)
        }
        T::MYSQL_TYPE_MEDIUM_BLOB | T::MYSQL_TYPE_LONG_BLOB => DbDataType::Binary,
        _ => DbDataType::Other,
    }
}

/// Converts the rows of a result.
pub(super) fn rows(rows: Vec<Row>, columns: &[Column]) -> Result<Vec<Vec<DbValue>>, Error> {
    let mut size = 0;
    let mut converted = Vec::with_capacity(rows.len());
    for row in rows {
        let row = row.unwrap_raw().into_iter().zip(columns).map(|(value, column)| db_value(value, column));
        let row: Vec<DbValue> = row.collect::<Result<_, _>>()?;
        size += row.iter().map(held_bytes).sum::<usize>();
        if size > MAX_RESULT_BYTES {
            return Err(Error::Other(format!("query result exceeds limit of {MAX_RESULT_BYTES} bytes")));
        }
        converted.push(row);
    }
    Ok(converted)
}

fn db_value(value: Option<Value>, column: &Column) -> Result<DbValue, Error> {
    let value = match value {
        None | Some(Value::NULL) => return Ok(DbValue::DbNull),
        Some(value) => value,
    };
    match column.data_type {
        DbDataType::Boolean => read(value).map(DbValue::Boolean),
        DbDataType::Int8 => read(value).map(DbValue::Int8),
        DbDataType::Int16 => read(value).map(DbValue::Int16),
        DbDataType::Int32 => read(value).map(DbValue::Int32),
        DbDataType::Int64 => read(value).map(DbValue::Int64),
        DbDataType::Uint8 => read(value).map(DbValue::Uint8),
        DbDataType::Uint16 => read(value).map(DbValue::Uint16),
        DbDataType::Uint32 => read(value).map(DbValue::Uint32),
        DbDataType::Uint64 => read(value).map(DbValue::Uint64),
        DbDataType::Floating32 => read(value).map(DbValue::Floating32),
        DbDataType::Floating64 => read(value).map(DbValue::Floating64),
        DbDataType::Str => read(value).map(DbValue::Str),
        DbDataType::Binary => read(value).map(DbValue::Binary),
        DbDataType::Other => Err(Error::ValueConversionFailed(format!(
            "Cannot convert value {value:?} in column {} data type {:?}",
            column.name, column.data_type
        ))),
    }
}

fn read<T: FromValue>(value: Value) -> Result<T, Error> {
    from_value_opt(value).map_err(|error| Error::ValueConversionFailed(error.to_string()))
}

fn held_bytes(value: &DbValue) -> usize {
    let beside = match value {
        DbValue::Str(text) => text.len(),
        DbValue::Binary(bytes) => bytes.len(),
        _ => 0,
    };
    size_of::<DbValue>() + beside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: Value, data_type: DbDataType) -> Result<DbValue, Error> {
        db_value(Some(value), &Column { name: "c".to_owned(), data_type })
    }

    #[test]
    fn wire_type_and_flags_determine_the_type() {
        let (none, unsigned, binary) = (ColumnFlags::empty(), ColumnFlags::UNSIGNED_FLAG, ColumnFlags::BINARY_FLAG);
        for (wire, flags, expected) in [
            (ColumnType::MYSQL_TYPE_LONG, none, DbDataType::Int32),
            (ColumnType::MYSQL_TYPE_LONG, unsigned, DbDataType::Uint32),
            (ColumnType::MYSQL_TYPE_LONGLONG, none | binary, DbDataType::Int64),
            (ColumnType::MYSQL_TYPE_LONGLONG, unsigned, DbDataType::Uint64),
            (ColumnType::MYSQL_TYPE_TINY, none, DbDataType::Int8),
            (ColumnType::MYSQL_TYPE_VAR_STRING, none, DbDataType::Str),
            (ColumnType::MYSQL_TYPE_VAR_STRING, binary, DbDataType::Binary),
            (ColumnType::MYSQL_TYPE_STRING, ColumnFlags::ENUM_FLAG, DbDataType::Str),
            (ColumnType::MYSQL_TYPE_BLOB, none, DbDataType::Str),
            (ColumnType::MYSQL_TYPE_BLOB, binary, DbDataType::Binary),
            (ColumnType::MYSQL_TYPE_DOUBLE, none, DbDataType::Floating64),
            (ColumnType::MYSQL_TYPE_NEWDECIMAL, binary, DbDataType::Other),
            (ColumnType::MYSQL_TYPE_DATETIME, binary, DbDataType::Other),
            (ColumnType::MYSQL_TYPE_DATE, binary, DbDataType::Other),
            (ColumnType::MYSQL_TYPE_TIMESTAMP, binary, DbDataType::Other),
            (ColumnType::MYSQL_TYPE_JSON, binary, DbDataType::Other),
        ] {
            assert_eq!(data_type(wire, flags), expected, "{wire:?} {flags:?}");
        }
    }

    #[test]
    fn values_are_converted_to_the_type() {
        assert!(matches!(value(Value::Int(-7), DbDataType::Int32), Ok(DbValue::Int32(-7))));
        assert!(matches!(value(Value::UInt(7), DbDataType::Uint64), Ok(DbValue::Uint64(7))));
        assert!(matches!(value(Value::Bytes(b"ok".into()), DbDataType::Str), Ok(DbValue::Str(text)) if text == "ok"));
        assert!(matches!(value(Value::NULL, DbDataType::Other), Ok(DbValue::DbNull)));
        assert!(matches!(value(Value::Int(300), DbDataType::Int8), Err(Error::ValueConversionFailed(_))));
    }

    #[test]
    fn an_unknown_type_fails_when_a_value_is_read() {
        let date = Value::Date(2026, 8, 21, 0, 0, 0, 0);
        let Err(Error::ValueConversionFailed(text)) = value(date, DbDataType::Other) else {
            panic!("a date is not supported");
        };
        assert!(text.starts_with("Cannot convert value") && text.contains("column c data type"), "{text}");
    }
}
