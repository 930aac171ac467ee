package db

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"giaoban/internal/fault"
)

// Duplicate reports a broken unique or primary key, on either engine.
func Duplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// Missing reports that a select of one row found none.
func Missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// retryable: serialization failure and deadlock always; a duplicate key a few times, since a version key that two
// writers reached together is free again after the other one's commit is seen.
func retryable(err error, try int) bool {
	var put late
	if errors.As(err, &put) {
		err = put.cause
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "40001", "40P01":
		return true
	case "23505":
		return try < 4
	}
	return false
}

// translate gives the failures of the machine the words that an operator can act on. The cause stays readable for
// Duplicate and retryable, so only failures that nobody asks about further are replaced.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var put late
	if errors.As(err, &put) {
		if cause := translate(put.cause); fault.All(cause) != nil {
			return cause
		}
		return err
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fault.Unavailable("Ổ đĩa đã đầy: lần ghi này chưa được lưu. Dữ liệu đã lưu trước đó còn nguyên. Hãy giải phóng chỗ trống rồi thử lại.")
		case sqlite3.SQLITE_IOERR:
			return fault.Unavailable("Ổ đĩa báo lỗi đọc ghi: lần ghi này chưa được lưu. Hãy kiểm tra ổ đĩa rồi thử lại.")
		case sqlite3.SQLITE_READONLY:
			return fault.Unavailable("Tệp cơ sở dữ liệu chỉ cho đọc. Hãy kiểm tra quyền ghi của tệp và thư mục chứa nó.")
		case sqlite3.SQLITE_CANTOPEN:
			return fault.Unavailable("Không mở được tệp cơ sở dữ liệu. Hãy kiểm tra đường dẫn và quyền của thư mục.")
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return fault.Unavailable("Tệp này không phải cơ sở dữ liệu của Giaoban hoặc đã hỏng. Hãy dùng bản sao lưu gần nhất.")
		}
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if pg.Code == "53100" {
			return fault.Unavailable("Ổ đĩa của máy chủ cơ sở dữ liệu đã đầy: lần ghi này chưa được lưu. Dữ liệu đã lưu trước đó còn nguyên.")
		}
		if strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "08") {
			return fault.Unavailable("Máy chủ cơ sở dữ liệu đã ngừng: lần ghi này chưa được lưu. Xin thử lại sau ít phút.")
		}
		return err
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return fault.Unavailable("Không kết nối được máy chủ cơ sở dữ liệu. Hãy kiểm tra máy chủ PostgreSQL đang chạy và địa chỉ --db.")
	}
	return err
}
