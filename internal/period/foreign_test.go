package period

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"giaoban/internal/fault"
)

func TestPeriodsOfOtherSystems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"201401": "2014-01", "2020Q1": "2020-Q1", "2020S2": "2020-H2", "2020": "2020",
		"2020April": "năm tài chính", "2020Oct": "năm tài chính", "2020AprilS1": "6 tháng không", "2020W7": "tuần", "2020SunW12": "tuần", "20200131": "ngày",
		"202001B": "hai tháng", "2020BiW3": "hai tuần", "2020NovQ1": "quý tính từ tháng 11", "202013": "Không đọc được", "2020Q5": "Không đọc được", "": "Không đọc được", "0001": "năm phải",
	} {
		check(t, text, want)(FromDHIS2(text))
	}
	for text, want := range map[string]string{
		"2015-06-01/P1M": "2015-06", "2017-10-01/P3M": "2017-Q4", "2017-07-01/P6M": "2017-H2", "2017-01-01/P9M": "2017-9M", "2017-01-01/P1Y": "2017", "2017-01-01/P12M": "2017",
		"2017-01-01T00:00:00Z/P1Y": "2017", "2017-09-01/P3M": "không phải", "2017-04-01/P6M": "không phải", "2017-04-01/P1Y": "không phải", "2017-10-02/P7D": "không phải",
		"2017-02-30/P1M": "không có ngày", "2017-11-01/P2M": "không phải", "2017-06-15/P1M": "không phải", "201706": "Không đọc được",
	} {
		check(t, text, want)(FromADX(text))
	}
}

func check(t *testing.T, text, want string) func(string, error) {
	return func(got string, err error) {
		t.Helper()
		if err != nil {
			got = fault.Text(err)
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
	}
}

func TestWhatOtherSystemsAreToldTheyGiveBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPeriod().Draw(t, "period")
		if text, ok := p.DHIS2(); ok {
			if code, err := FromDHIS2(text); err != nil || code != p.Code {
				t.Fatalf("%s is %s and reads %s, %v", p.Code, text, code, err)
			}
		}
		if text, ok := p.ADX(); ok {
			if code, err := FromADX(text); err != nil || code != p.Code {
				t.Fatalf("%s is %s and reads %s, %v", p.Code, text, code, err)
			}
		}
	})
}
