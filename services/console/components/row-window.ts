/** Browsers place nothing that is further down than some 17 million pixels (the least of them). Longer lists are scrolled faster than they are long. */
export const MAX_HEIGHT = 12_000_000
/** Rows that are drawn above and below what is seen. */
const OVERSCAN = 12

export interface RowWindow {
  /** Of the element that all rows lie in. Pixels. */
  readonly height: number
  /** The first and the last row to be drawn; last below first: none. */
  readonly first: number
  readonly last: number
  /** Pixels of the whole list above what is seen. */
  readonly offset: number
  /** Pixels of the list to a pixel of the scroll bar; 1 unless the list is too long for that. */
  readonly scale: number
}

export interface Scrolled {
  readonly count: number
  readonly rowHeight: number
  /** Of what rows are seen through. Pixels. */
  readonly viewHeight: number
  readonly scrollTop: number
}

/** Which rows of a list of any length are drawn. Pure. */
export function rowWindow({ count, rowHeight, viewHeight, scrollTop }: Scrolled): RowWindow {
  const whole = count * rowHeight
  const height = Math.min(whole, MAX_HEIGHT)
  const room = Math.max(0, height - viewHeight)
  const wholeRoom = Math.max(0, whole - viewHeight)
  const scale = height === whole || room === 0 ? 1 : wholeRoom / room
  // Below the last row there may be a footer, as tall as it is.
  const offset = scrollTop <= room ? scrollTop * scale : wholeRoom + scrollTop - room
  return {
    height,
    first: Math.max(0, Math.floor(offset / rowHeight) - OVERSCAN),
    last: Math.min(count - 1, Math.ceil((offset + viewHeight) / rowHeight) + OVERSCAN),
    offset,
    scale,
  }
}

/** Where a row lies within the element of all rows. Pixels. Pure. */
export function rowTop(
  index: number,
  { offset, scale }: RowWindow,
  { rowHeight, scrollTop }: Scrolled,
): number {
  return scale === 1 ? index * rowHeight : index * rowHeight - offset + scrollTop
}

/** Where to scroll to so that a row is seen whole: no further than needed. Pixels. Pure. */
export function scrollTopFor(index: number, scrolled: Scrolled): number {
  const { rowHeight, viewHeight, scrollTop } = scrolled
  const { offset, scale } = rowWindow(scrolled)
  const start = index * rowHeight
  if (start < offset) return start / scale
  const end = start + rowHeight - viewHeight
  return end > offset ? Math.ceil(end / scale) : scrollTop
}
