package main

import (
	"giaoban/bench"
)

type benchCmd struct {
	Scale string `help:"town (nhỏ) hoặc province (4.200 đơn vị, 5 triệu số liệu)." enum:"town,province" default:"town"`
	DB    string `help:"Chạy thêm trên máy chủ PostgreSQL này." name:"db"`
	Only  string `help:"Chỉ đo các phần nêu tên, cách nhau bằng dấu phẩy: demo, load, reads, cells, forms, workbooks, signin, memory, start, sqlite, postgres."`
	JSON  bool   `help:"In một đối tượng JSON." name:"json"`
}

func (c *benchCmd) Run(e *env) error {
	only, err := bench.ParseOnly(c.Only)
	if err != nil {
		return err
	}
	return bench.Run(e.ctx, bench.Options{Scale: c.Scale, Postgres: c.DB, Only: only, JSON: c.JSON, Out: e.out})
}
