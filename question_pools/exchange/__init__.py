"""Pools in and out: workbooks, CSV and JSON become items, and every row that does not is named."""
