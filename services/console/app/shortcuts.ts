import { useEffect, useRef } from 'react'
import { NAVIGATION } from './screens.ts'

export interface ShortcutHandlers {
  onPalette(): void
  onHelp(): void
  onGo(to: string): void
}

/** Between `g` and the letter that follows. Milliseconds. */
const SEQUENCE_MS = 1500

/** Keys that work on every screen: Ctrl or Cmd and K, `?`, and `g` with a letter. Where something is typed they are text. */
export function useShortcuts(handlers: ShortcutHandlers): void {
  const current = useRef(handlers)
  current.current = handlers
  useEffect(() => {
    let beganAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        current.current.onPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') current.current.onHelp()
      const row = NAVIGATION.find(({ key }) => key === event.key)
      if (row && event.timeStamp - beganAt < SEQUENCE_MS) {
        event.preventDefault()
        event.stopPropagation()
        current.current.onGo(row.to)
      }
      beganAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
    }
    document.addEventListener('keydown', onKey, { capture: true })
    return () => document.removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

/** Whether a key goes into a field, or to a dialog that is open. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, dialog, [contenteditable="true"]') !== null
  )
}
