package account

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Role is what a grant gives. Summary is the role in one sentence, for those who choose.
type Role struct {
	Code, Name, Summary string
	Permissions         []auth.Permission

	Edited  bool // by the site: a new version of the program leaves it as it is
	Removed bool // given to nobody any more
	Version int64
	Holders int // people who hold it today or will
}

// Holds tells whether the role gives a permission.
func (r Role) Holds(p auth.Permission) bool { return slices.Contains(r.Permissions, p) }

// Defaults are the roles that a site begins with, in the order in which people read them. A site changes them as it needs.
var Defaults = []Role{
	{Code: "officer", Name: "Cán bộ nhập liệu", Summary: "Nhập số liệu, ghi sổ đóng góp, gửi báo cáo của đơn vị, báo cáo tiến độ nhiệm vụ.",
		Permissions: []auth.Permission{auth.View, auth.Enter, auth.Books, auth.Submit, auth.Do}},
	{Code: "head", Name: "Lãnh đạo đơn vị", Summary: "Như cán bộ nhập liệu, và duyệt số liệu, báo cáo của đơn vị.",
		Permissions: []auth.Permission{auth.View, auth.Enter, auth.Books, auth.Submit, auth.Approve, auth.Do}},
	{Code: "office", Name: "Văn phòng Mặt trận", Summary: "Duyệt, tổng hợp, chuẩn bị và ghi giao ban, theo dõi nhiệm vụ, soạn tin, quản lý đơn vị và danh mục.",
		Permissions: []auth.Permission{auth.View, auth.Enter, auth.Books, auth.Submit, auth.Approve, auth.Consolidate, auth.Brief, auth.Do, auth.Judge, auth.Edit, auth.EditCatalog, auth.EditUnits, auth.Audit}},
	{Code: "chair", Name: "Thường trực cấp ủy", Summary: "Xem, chủ trì giao ban, kết luận, đánh giá việc thực hiện.",
		Permissions: []auth.Permission{auth.View, auth.Brief, auth.Judge}},
	{Code: "follower", Name: "Theo dõi nhiệm vụ", Summary: "Xem, đôn đốc nhiệm vụ sau giao ban: nhận hoặc trả lại kết quả, xét gia hạn.",
		Permissions: []auth.Permission{auth.View, auth.Judge}},
	{Code: "editor", Name: "Biên tập", Summary: "Soạn và sửa tin; tin do người duyệt xuất bản cho đăng.",
		Permissions: []auth.Permission{auth.View, auth.Edit}},
	{Code: "publisher", Name: "Duyệt xuất bản", Summary: "Xem, soạn, cho đăng và gỡ tin.",
		Permissions: []auth.Permission{auth.View, auth.Edit, auth.Publish}},
	{Code: "auditor", Name: "Kiểm tra", Summary: "Chỉ xem, cả nhật ký thay đổi.",
		Permissions: []auth.Permission{auth.View, auth.Audit}},
	{Code: "admin", Name: "Quản trị", Summary: "Quản lý người dùng và quyền; không xem hay sửa nội dung.",
		Permissions: []auth.Permission{auth.Admin}},
}

// defaultOf finds what the program proposes for a role.
func defaultOf(code string) (Role, bool) {
	at := slices.IndexFunc(Defaults, func(r Role) bool { return r.Code == code })
	if at < 0 {
		return Role{}, false
	}
	return Defaults[at], true
}

// right is a permission in the words of those who give it.
type right struct {
	permission auth.Permission
	name, help string
}

type rightGroup struct {
	name   string
	rights []right
}

// rightGroups hold each permission once.
var rightGroups = []rightGroup{
	{"Số liệu và báo cáo", []right{
		{auth.View, "Xem nội dung", "Xem số liệu, báo cáo, giao ban và nhiệm vụ. Mọi quyền khác về nội dung đều cần quyền này."},
		{auth.Enter, "Nhập số liệu", "Gõ hoặc nhập từ tệp số liệu và phần lời của đơn vị."},
		{auth.Books, "Ghi sổ đóng góp", "Ghi thu, chi, in biên nhận, kiểm quỹ, khóa sổ đóng góp của đơn vị; thấy tên người đóng góp."},
		{auth.Submit, "Gửi báo cáo", "Gửi báo cáo của đơn vị đi duyệt, rút lại khi chưa duyệt."},
		{auth.Approve, "Duyệt báo cáo", "Duyệt hoặc trả lại báo cáo. Số liệu đã duyệt mới vào báo cáo tổng hợp."},
		{auth.Consolidate, "Lập báo cáo tổng hợp", "Soạn, sửa và chốt báo cáo tổng hợp; mở và đóng kỳ báo cáo; giao đơn vị phải báo cáo."},
	}},
	{"Giao ban và nhiệm vụ", []right{
		{auth.Brief, "Tổ chức giao ban", "Triệu tập, chuẩn bị, ghi hội nghị giao ban và kết luận; giao nhiệm vụ."},
		{auth.Do, "Thực hiện nhiệm vụ", "Báo tiến độ, báo kết quả, xin gia hạn nhiệm vụ của đơn vị."},
		{auth.Judge, "Đánh giá nhiệm vụ", "Nhận hoặc trả lại kết quả nhiệm vụ, xét gia hạn."},
	}},
	{"Tin bài", []right{
		{auth.Edit, "Soạn tin bài", "Soạn và sửa tin; chưa ai bên ngoài đọc được."},
		{auth.Publish, "Đăng tin", "Cho đăng tin lên trang công khai và gỡ xuống."},
	}},
	{"Quản lý", []right{
		{auth.EditUnits, "Quản lý đơn vị", "Thêm, sửa, sáp nhập đơn vị; ghi người giữ chức vụ."},
		{auth.EditCatalog, "Quản lý danh mục", "Sửa danh mục chỉ tiêu của toàn trang."},
		{auth.Audit, "Xem nhật ký", "Đọc nhật ký thay đổi: ai đã làm gì, khi nào."},
		{auth.Admin, "Quản trị người dùng", "Thêm, khóa người dùng; cấp và thu vai trò. Riêng quyền này không cho xem nội dung."},
	}},
}

const maxSummary = 200

// tidy puts what was typed into the form in which it is stored.
func (r *Role) tidy() {
	r.Name, r.Summary = viet.Clean(r.Name), viet.Clean(r.Summary)
	r.Permissions = slices.DeleteFunc(slices.Clone(auth.Permissions), func(p auth.Permission) bool { return !r.Holds(p) })
}

func (r Role) check() error {
	var faults fault.List
	switch {
	case r.Name == "":
		_ = faults.Add(fault.Invalid("name", "Hãy nhập tên vai trò."))
	case utf8.RuneCountInString(r.Name) > MaxName:
		_ = faults.Add(fault.Invalidf("name", "Tên vai trò dài quá %d ký tự.", MaxName))
	}
	if utf8.RuneCountInString(r.Summary) > maxSummary {
		_ = faults.Add(fault.Invalidf("summary", "Phần mô tả dài quá %d ký tự.", maxSummary))
	}
	if len(r.Permissions) == 0 {
		_ = faults.Add(fault.Invalid("right", "Hãy chọn ít nhất một quyền."))
	}
	content := func(p auth.Permission) bool { return p != auth.Admin && p != auth.Audit }
	if slices.ContainsFunc(r.Permissions, content) && !r.Holds(auth.View) {
		_ = faults.Add(fault.Invalid("right", "Vai trò làm việc với nội dung cần có cả quyền Xem nội dung."))
	}
	return faults.Err()
}

// differs tells whether two roles give or say something else.
func (r Role) differs(o Role) bool {
	return r.Name != o.Name || r.Summary != o.Summary || !slices.Equal(sorted(r.Permissions), sorted(o.Permissions))
}

func sorted(list []auth.Permission) []auth.Permission { return slices.Sorted(slices.Values(list)) }

// codeOf makes a role's code from its name; taken tells which are in use.
func codeOf(name string, taken func(string) bool) string {
	base := cmp.Or(viet.Slug(name, 30), "vai-tro")
	code := base
	for n := 2; taken(code); n++ {
		code = base + "-" + strconv.Itoa(n)
	}
	return code
}
