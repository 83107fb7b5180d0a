import t from 'tap'
import {
  MAX_HEIGHT,
  rowTop,
  rowWindow,
  scrollTopFor,
} from '../../../services/console/components/row-window.ts'

const list = (count: number, scrollTop: number) => ({ count, rowHeight: 34, viewHeight: 600, scrollTop })

t.test('what is seen is drawn, with some rows above and below', async (t) => {
  t.match(rowWindow(list(1000, 0)), { height: 34_000, first: 0, last: 30, scale: 1 })
  const middle = rowWindow(list(1000, 3400))
  t.match(middle, { first: 88, last: 130 })
  t.equal(rowTop(100, middle, list(1000, 3400)), 3400)
  t.match(rowWindow(list(0, 0)), { height: 0, first: 0, last: -1 })
  t.match(rowWindow(list(3, 40)), { first: 0, last: 2 }, 'a footer makes it longer than its rows')
})

t.test('a million rows are reached from the first to the last, each where it is seen', async (t) => {
  const count = 1_000_000
  const room = MAX_HEIGHT - 600
  t.equal(rowWindow(list(count, 0)).height, MAX_HEIGHT)
  t.equal(rowWindow(list(count, 0)).first, 0)
  const end = rowWindow(list(count, room))
  t.equal(end.last, count - 1)
  t.equal(Math.round(rowTop(count - 1, end, list(count, room)) + 34), MAX_HEIGHT)
  for (const index of [0, 17, 499_999, 999_999]) {
    for (const from of [0, room / 3, room]) {
      const scrollTop = scrollTopFor(index, list(count, from))
      const shown = rowWindow(list(count, scrollTop))
      const top = rowTop(index, shown, list(count, scrollTop)) - scrollTop
      t.ok(top >= -3 && top + 34 <= 603, `row ${index} from ${from}: ${top}`)
    }
  }
})

t.test('what is seen already is not scrolled to', async (t) => {
  t.equal(scrollTopFor(5, list(1000, 100)), 100)
  t.equal(scrollTopFor(0, list(1000, 100)), 0)
  t.equal(scrollTopFor(50, list(1000, 0)), 51 * 34 - 600)
})
