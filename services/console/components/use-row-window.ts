import { type RefObject, useLayoutEffect, useReducer, useRef } from 'react'
import { type RowWindow, rowTop, rowWindow, type Scrolled, scrollTopFor } from './row-window.ts'

/** Of the row of titles, which stays at the top. Pixels. */
const HEAD_HEIGHT = 32

export interface ShownRows extends RowWindow {
  /** Pixels from the top of the element of all rows. */
  top(index: number): number
  scrollTo(index: number): void
}

/**
 * Which rows of a list are drawn in an element that scrolls. What is read stays where it is when rows come before it, unless the list is seen
 * from its top.
 * @param keyAt of a row that is loaded
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  {
    count,
    rowHeight,
    keyAt,
  }: { count: number; rowHeight: number; keyAt: (index: number) => string | undefined },
): ShownRows {
  const [, draw] = useReducer((times: number) => times + 1, 0)
  const place = useRef({ scrollTop: 0, viewHeight: 800 })
  const drawn = useRef<RowWindow>(undefined)
  const scrolled: Scrolled = { count, rowHeight, ...place.current }
  const shown = rowWindow(scrolled)
  const latest = useRef(scrolled)
  latest.current = scrolled
  drawn.current = shown

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const read = () => {
      place.current = {
        scrollTop: element.scrollTop,
        viewHeight: Math.max(0, element.clientHeight - HEAD_HEIGHT),
      }
      const next = rowWindow({ ...latest.current, ...place.current })
      const before = drawn.current
      if (next.first !== before?.first || next.last !== before.last || next.scale !== 1) draw()
    }
    read()
    element.addEventListener('scroll', read, { passive: true })
    const sizes = new ResizeObserver(read)
    sizes.observe(element)
    return () => {
      element.removeEventListener('scroll', read)
      sizes.disconnect()
    }
  }, [scroller])

  // The first row that is seen, and where it stood the last time.
  const anchor = useRef<{ key: string | undefined; index: number; count: number }>(undefined)
  useLayoutEffect(() => {
    const element = scroller.current
    const before = anchor.current
    anchor.current = undefined
    if (!element || place.current.scrollTop <= rowHeight) return
    const added = before ? count - before.count : 0
    if (before?.key !== undefined && added !== 0) {
      const isMoved = keyAt(before.index) !== before.key && keyAt(before.index + added) === before.key
      if (isMoved) {
        element.scrollTop += (added * rowHeight) / shown.scale
        place.current = { ...place.current, scrollTop: element.scrollTop }
      }
    }
    const { offset } = rowWindow({ ...latest.current, ...place.current })
    const index = Math.min(count - 1, Math.floor(offset / rowHeight))
    anchor.current = { key: index < 0 ? undefined : keyAt(index), index, count }
  })

  return {
    ...shown,
    top: (index) => rowTop(index, shown, scrolled),
    scrollTo(index) {
      if (!scroller.current) return
      scroller.current.scrollTop = scrollTopFor(index, { ...latest.current, ...place.current })
    },
  }
}
