package main

import (
	"giaoban/internal/app"
	"giaoban/internal/door"
)

// keySource says where the site's key comes from.
type keySource struct {
	Key secret `env:"GIAOBAN_KEY" help:"Khóa bí mật của trang, @TỆP đọc từ tệp. Không nêu: với tệp SQLite là tệp cùng tên có đuôi .key; với PostgreSQL là không có khóa."`
}

// options adds the key to those of a site.
func (k keySource) options(o app.Options) (app.Options, error) {
	if k.Key == "" {
		return o, nil
	}
	var err error
	o.Key, err = door.KeyText(string(k.Key))
	return o, err
}
