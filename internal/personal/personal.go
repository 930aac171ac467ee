// Package personal gives the words in which each house declares what it holds about people, and for how long. The
// declarations stand beside the tables that they speak of; the register of a site, the export and the erasure of a person
// are made from them and from nothing else. It refuses to know any table, and to keep a table of what nobody has declared.
package personal

import (
	"context"
	"fmt"
	"strconv"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
)

// End is what becomes of a table's rows when a person is erased.
type End string

const (
	Gone    End = "gone"    // the rows go
	Blank   End = "blank"   // the row stays for its id; it says nothing of the person any more
	Unnamed End = "unnamed" // the row stays: it is the act of somebody in office, and its id names nobody any more
	Public  End = "public"  // the row stays with the name: it is part of a document of the body, and belongs to no account
)

// Name is the end in the user's words.
func (e End) Name() string {
	switch e {
	case Gone:
		return "Xóa hẳn"
	case Blank:
		return "Xóa nội dung, chỉ còn mã"
	case Unnamed:
		return "Giữ việc đã làm, không còn tên"
	}
	return "Giữ theo hồ sơ của cơ quan"
}

// Table is what one table holds about people. Key is the column with the id of their account; a table without one names
// people who need none. Columns are what is held, and what an export gives; Beside are further columns that make it
// understood; Secret are held and given to nobody. The texts are Vietnamese, for the register.
type Table struct {
	Name    string
	Key     string
	Columns []string
	Beside  []string
	Secret  []string
	What    string // in one phrase
	Purpose string
	Basis   string
	Keep    string // how long
	End     End
}

// Bases on which a public body holds data about people.
const (
	Duty    = "Thực hiện nhiệm vụ của cơ quan, tổ chức theo quy định"
	Safety  = "Bảo đảm an toàn hệ thống và quyền của người dùng"
	Consent = "Người dùng tự cung cấp"
)

// While is how long what goes with an account is kept.
const (
	While   = "Đến khi tài khoản được xóa"
	Records = "Theo thời hạn lưu trữ hồ sơ của cơ quan"
)

// Rule is a time after which something is forgotten. Days is its standard; the site's setting is between Least and Most.
type Rule struct {
	Setting           string
	Name              string // what is forgotten, Vietnamese
	Days, Least, Most int64
}

// Check refuses what cannot be the rule's setting.
func (r Rule) Check(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < r.Least || n > r.Most {
		return fault.Invalidf(r.Setting, "Hãy ghi số ngày từ %d đến %d.", r.Least, r.Most)
	}
	return nil
}

// In reads how many days the rule gives.
func (r Rule) In(ctx context.Context, tx *db.Tx) (int64, error) {
	text, err := setting.Get(ctx, tx, r.Setting, "")
	if err != nil || text == "" || r.Check(text) != nil {
		return r.Days, err
	}
	return strconv.ParseInt(text, 10, 64)
}

const day = 24 * 60 * 60 * 1000

// Before is the moment, in UTC milliseconds, before which the rule forgets.
func (r Rule) Before(ctx context.Context, tx *db.Tx, now int64) (int64, error) {
	days, err := r.In(ctx, tx)
	return now - days*day, err
}

// Ran notes that the rule was followed and how much went, in the transaction that removed it. What went is in the trail; a
// run that found nothing is noted once a day, so that an idle site does not write.
func (r Rule) Ran(ctx context.Context, tx *db.Tx, now, removed int64) error {
	if _, err := tx.Exec(ctx, `insert into keep_run(rule, at, removed_at, removed, total) values ($1, $2, 0, 0, 0)
		on conflict (rule) do update set at = excluded.at where keep_run.at < $3`, r.Setting, now, now-day); err != nil {
		return fmt.Errorf("note a rule of retention: %w", err)
	}
	if removed == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `update keep_run set at = $2, removed_at = $2, removed = $3, total = total + $3 where rule = $1`, r.Setting, now, removed); err != nil {
		return fmt.Errorf("note a rule of retention: %w", err)
	}
	return audit.Write(ctx, tx, auth.System(), audit.Act{At: now, Verb: "forget", House: "personal", Object: r.Setting, Detail: map[string]any{"removed": removed}})
}

// Run is what a rule has done so far.
type Run struct {
	At, RemovedAt  int64 // UTC milliseconds, 0 is never
	Removed, Total int64
}

// Last reads what a rule has done.
func (r Rule) Last(ctx context.Context, tx *db.Tx) (run Run, err error) {
	err = tx.QueryRow(ctx, `select at, removed_at, removed, total from keep_run where rule = $1`, r.Setting).Scan(&run.At, &run.RemovedAt, &run.Removed, &run.Total)
	if err != nil && !db.Missing(err) {
		return run, fmt.Errorf("rule of retention: %w", err)
	}
	return run, nil
}

// Trail is what the trail holds about people; it stands here since the trail lies below the houses.
var Trail = []Table{
	{Name: "audit_entry", Key: "person", Columns: []string{"at", "address", "verb", "house", "object", "reason"}, Beside: []string{"id"}, Secret: []string{"detail", "before", "after"},
		What: "Nhật ký: ai làm gì, lúc nào, từ địa chỉ nào", Purpose: "Biết ai đã thay đổi gì; phát hiện việc sửa ngoài chương trình",
		Basis: Duty, Keep: "Không xóa: các mục nối thành chuỗi niêm phong, bỏ một mục là không kiểm chứng được nữa. Mục chỉ giữ mã người, không giữ tên", End: Unnamed},
	{Name: "audit_entry", Key: "acting_for", Columns: []string{"at", "verb", "house", "object"}, Beside: []string{"id", "person"},
		What: "Nhật ký: việc người khác làm thay", Purpose: "Biết việc được làm thay ai", Basis: Duty, Keep: "Như trên", End: Unnamed},
	{Name: "setting", Columns: []string{"value"}, What: "Cài đặt của trang; có thể gồm địa chỉ liên hệ", Purpose: "Vận hành trang", Basis: Duty, Keep: "Đến khi người vận hành đổi", End: Public},
	{Name: "job", Columns: []string{"payload"}, What: "Việc chạy nền đang chờ: mã của thư cần gửi", Purpose: "Gửi thư", Basis: Duty, Keep: "Đến khi xong; việc hỏng 90 ngày", End: Unnamed},
}
