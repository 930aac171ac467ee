-- +goose Up
-- The number, the sign and the date that a consolidated report is issued under; empty until it is. They are entered when it is
-- signed, and are no part of what freezing fixes.
alter table report add column number text not null default '';
alter table report add column symbol text not null default '';
alter table report add column dated text not null default '';
