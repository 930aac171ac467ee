package main

import (
	"fmt"
	"strings"

	"giaoban/internal/app"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/mail"
	"giaoban/internal/notice"
	"giaoban/internal/report"
	"giaoban/internal/trail"
	"giaoban/internal/web"
)

type settingCmd struct {
	DB    dsn     `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Key   string  `arg:"" optional:"" help:"Tên cài đặt; để trống để xem tất cả."`
	Value *string `arg:"" optional:"" help:"Giá trị mới; \"\" để xóa."`
}

// siteSetting is a setting of the whole site that its operators set.
type siteSetting struct {
	key, help string
	check     func(string) error
}

// settings are all that there are.
var settings = append([]siteSetting{
	{report.SelfApproval, "cho người đã nhập, gửi hay nhờ người khác nhập số liệu tự duyệt: yes hoặc no; mặc định no", func(value string) error {
		if value != "yes" && value != "no" {
			return fault.Invalid("", "Hãy ghi yes hoặc no.")
		}
		return nil
	}},
	{app.SecurityContactSetting, "nơi nhận báo lỗi bảo mật, cho /.well-known/security.txt", web.SecurityContact},
	{web.AddressSetting, "địa chỉ của trang, ví dụ https://giaoban.don-vi.vn; cần cho đường dẫn trong thư và cho đăng nhập qua hệ thống khác", web.SiteAddress},
	{door.SecondSetting, "ai có một trong các quyền này phải có bước xác thực thứ hai, ví dụ: admin publish", door.CheckSecond},
	{notice.HourSetting, "giờ gửi thư gộp thông báo các ngày làm việc, từ 0 đến 23; mặc định 7", notice.CheckHour},
}, append(mailSettings(), keepSettings()...)...)

// keepSettings are how long what is held about people is kept.
func keepSettings() (out []siteSetting) {
	for _, r := range trail.Rules {
		out = append(out, siteSetting{r.Setting, fmt.Sprintf("số ngày giữ: %s (mặc định %d)", strings.ToLower(r.Name), r.Days), r.Check})
	}
	return out
}

func mailSettings() (out []siteSetting) {
	for _, s := range mail.Settings {
		out = append(out, siteSetting{s.Key, s.Help, s.Check})
	}
	return out
}

func (c *settingCmd) Run(e *env) error {
	known := c.Key == ""
	for _, s := range settings {
		known = known || s.key == c.Key
	}
	if !known {
		return usageError("không có cài đặt " + c.Key)
	}
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	for _, s := range settings {
		if c.Key != "" && s.key != c.Key {
			continue
		}
		if c.Value != nil {
			value := strings.TrimSpace(*c.Value)
			if value != "" {
				if err := s.check(value); err != nil {
					return err
				}
			}
			if err := a.SetSetting(e.ctx, s.key, value); err != nil {
				return err
			}
		}
		value, err := a.Setting(e.ctx, s.key)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s = %q (%s)\n", s.key, value, s.help)
	}
	return nil
}
