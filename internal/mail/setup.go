package mail

import (
	"net/netip"
	"net/url"
	"strconv"

	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// The settings of a site that say how it sends. The password is none of them: it comes from the environment or a file.
const (
	HostSetting     = "mail.host"
	PortSetting     = "mail.port"
	SecuritySetting = "mail.security"
	UserSetting     = "mail.user"
	FromSetting     = "mail.from"
	FromNameSetting = "mail.from-name"
	ReturnSetting   = "mail.return"
)

// Security is how the connection to the mail server is protected.
type Security string

const (
	TLS      Security = "tls"      // from the first byte
	STARTTLS Security = "starttls" // begun in clear; without an offer of STARTTLS nothing is sent
	Plain    Security = "none"     // a mail server on this machine only
)

// setup is how a site sends.
type setup struct {
	host     string
	port     int
	security Security
	user     string
	password string
	from     string
	fromName string
	back     string // where letters that cannot be delivered go; from when empty
	site     string // the site's address, https://giaoban.don-vi.vn
	siteName string
}

// Setting is one of the settings with what it is for and the check of a value that is not empty.
type Setting struct {
	Key, Help string
	Check     func(string) error
}

// Settings lists them for the command line.
var Settings = []Setting{
	{HostSetting, "máy chủ thư (SMTP), ví dụ smtp.don-vi.vn", checkHost},
	{PortSetting, "cổng của máy chủ thư; để trống là 465 với tls, 587 với starttls, 25 với none", checkPort},
	{SecuritySetting, "tls, starttls (mặc định), hoặc none nếu máy chủ thư ở ngay trên máy này", checkSecurity},
	{UserSetting, "tên đăng nhập máy chủ thư; mật khẩu để trong GIAOBAN_MAIL_PASSWORD, không lưu ở đây", checkUser},
	{FromSetting, "địa chỉ gửi, ví dụ giaoban@don-vi.vn", checkSettingAddress},
	{FromNameSetting, "tên người gửi; để trống là tên của trang", checkFromName},
	{ReturnSetting, "nơi nhận thư bị trả lại; để trống là địa chỉ gửi", checkSettingAddress},
}

func checkHost(text string) error {
	if _, err := netip.ParseAddr(text); err == nil || isHost(text) {
		return nil
	}
	return fault.Invalid("", "Máy chủ thư phải là tên máy hoặc địa chỉ IP, ví dụ smtp.don-vi.vn.")
}

func checkPort(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
		return fault.Invalid("", "Cổng là một số từ 1 đến 65535.")
	}
	return nil
}

func checkSecurity(text string) error {
	switch Security(text) {
	case TLS, STARTTLS, Plain:
		return nil
	}
	return fault.Invalid("", "Hãy ghi tls, starttls hoặc none.")
}

func checkUser(text string) error {
	if tidyName(text) != text {
		return fault.Invalid("", "Tên đăng nhập máy chủ thư có ký tự không hợp lệ.")
	}
	return nil
}

func checkFromName(text string) error {
	if tidyName(text) != text {
		return fault.Invalidf("", "Tên người gửi phải nằm trên một dòng và không dài quá %d ký tự.", maxName)
	}
	return nil
}

func checkSettingAddress(text string) error {
	kept, err := CheckAddress(text)
	if err == nil && kept != text {
		return fault.Invalid("", "Hãy ghi phần tên miền của địa chỉ thư bằng chữ thường.")
	}
	return err
}

// check tells what is missing or does not go together, in words for who runs the site.
func (s setup) check() error {
	switch {
	case s.host == "":
		return fault.Refusedf("Chưa cài đặt máy chủ thư (%s).", HostSetting)
	case s.from == "":
		return fault.Refusedf("Chưa cài đặt địa chỉ gửi (%s).", FromSetting)
	case s.siteHost() == "":
		return fault.Refusedf("Chưa cài đặt địa chỉ của trang (%s), nên thư không ghi được đường dẫn.", web.AddressSetting)
	case s.security == Plain && !web.Loopback(s.host):
		return fault.Refused("Chỉ được gửi thư không mã hóa qua máy chủ thư ở ngay trên máy này (127.0.0.1). Hãy dùng tls hoặc starttls.")
	case s.security == Plain && s.user != "":
		return fault.Refused("Mật khẩu không được gửi qua kết nối không mã hóa. Hãy dùng tls hoặc starttls, hoặc bỏ tên đăng nhập.")
	case s.user != "" && s.password == "":
		return fault.Refused("Có tên đăng nhập máy chủ thư nhưng không có mật khẩu. Hãy đặt GIAOBAN_MAIL_PASSWORD hoặc --mail-password-file.")
	}
	return nil
}

// siteHost is the name of the site's machine; empty when its address is not set.
func (s setup) siteHost() string {
	u, err := url.Parse(s.site)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
