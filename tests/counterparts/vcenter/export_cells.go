// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// row is one row of a tab by column; a column that is not named stays blank.
type row map[string]any

// with adds the cells of others to a row.
func (r row) with(others ...row) row {
	for _, other := range others {
		for column, cell := range other {
			r[column] = cell
		}
	}
	return r
}

// table is one tab of the export.
type table struct {
	tab     string
	columns []string
	places  map[string]int
	out     bytes.Buffer
	writer  *csv.Writer
}

// byteOrderMark begins each CSV file of RVTools.
const byteOrderMark = "\ufeff"

func newTable(tab string, attributes []string) (*table, error) {
	made := &table{tab: tab, places: map[string]int{}}
	for _, column := range strings.Split(exportColumns[tab], "|") {
		made.places[column] = len(made.columns)
		made.columns = append(made.columns, column)
		if column == "Annotation" {
			made.columns = append(made.columns, attributes...)
		}
	}
	made.out.WriteString(byteOrderMark)
	made.writer = csv.NewWriter(&made.out)
	made.writer.UseCRLF = true
	return made, made.writer.Write(made.columns)
}

// add writes a row. The custom attributes come apart, in their own order: one of them can have the name of a column.
func (t *table) add(cells row, attributes []string) error {
	written := make([]string, len(t.columns))
	for column, cell := range cells {
		place, known := t.places[column]
		if !known {
			return fmt.Errorf("tab %s has no column %q", t.tab, column)
		}
		written[place] = cellText(cell)
	}
	if first, ok := t.places["Annotation"]; ok {
		copy(written[first+1:], attributes)
	}
	return t.writer.Write(written)
}

func (t *table) save(folder string) error {
	t.writer.Flush()
	if err := t.writer.Error(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "RVTools_tab"+t.tab+".csv"), t.out.Bytes(), 0o644)
}

// cellText writes a value as RVTools prints it: numbers with a comma for thousands, dates with slashes, True and False.
func cellText(value any) string {
	switch cell := value.(type) {
	case nil:
		return ""
	case string:
		return cell
	case bool:
		if cell {
			return "True"
		}
		return "False"
	case *bool:
		// RVTools is a .NET program: a flag that the API leaves out is False there.
		return cellText(cell != nil && *cell)
	case *time.Time:
		if cell == nil {
			return ""
		}
		return cellText(*cell)
	case time.Time:
		if cell.IsZero() {
			return ""
		}
		return cell.UTC().Format("2006/01/02 15:04:05")
	case int:
		return grouped(int64(cell))
	case int16:
		return grouped(int64(cell))
	case int32:
		return grouped(int64(cell))
	case *int32:
		if cell == nil {
			return ""
		}
		return grouped(int64(*cell))
	case int64:
		return grouped(cell)
	case *int64:
		if cell == nil {
			return ""
		}
		return grouped(*cell)
	case float64:
		return strconv.FormatFloat(cell, 'f', 2, 64)
	}
	return fmt.Sprint(value)
}

func grouped(number int64) string {
	digits := strconv.FormatInt(number, 10)
	sign := ""
	if number < 0 {
		sign, digits = "-", digits[1:]
	}
	for place := len(digits) - 3; place > 0; place -= 3 {
		digits = digits[:place] + "," + digits[place:]
	}
	return sign + digits
}

const mib = 1 << 20

// inMiB is a number of bytes in whole mebibytes; what is left over is dropped.
func inMiB(bytes int64) int64 { return bytes / mib }

// share is a part of a whole in whole percent.
func share(part, whole int64) any {
	if whole <= 0 {
		return nil
	}
	return part * 100 / whole
}

// sortNaturally sorts by text in which numbers count as numbers: vm-9 comes before vm-10.
func sortNaturally[T any](list []T, text func(T) string) {
	sort.SliceStable(list, func(one, other int) bool { return lessNaturally(text(list[one]), text(list[other])) })
}

func lessNaturally(one, other string) bool {
	for one != "" && other != "" {
		first, second := leadingDigits(one), leadingDigits(other)
		if first != "" && second != "" {
			oneNumber, _ := strconv.ParseUint(first, 10, 64)
			otherNumber, _ := strconv.ParseUint(second, 10, 64)
			if oneNumber != otherNumber {
				return oneNumber < otherNumber
			}
			one, other = one[len(first):], other[len(second):]
			continue
		}
		if one[0] != other[0] {
			return one[0] < other[0]
		}
		one, other = one[1:], other[1:]
	}
	return len(one) < len(other)
}

func leadingDigits(text string) string {
	end := strings.IndexFunc(text, func(letter rune) bool { return !unicode.IsDigit(letter) })
	if end < 0 {
		return text
	}
	return text[:end]
}
