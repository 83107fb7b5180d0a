import { useEffect, useRef } from 'react'
import { isTyping } from '../../app/shortcuts.ts'

/** Keys of a page, by their names in lower case: `j`, `escape`, `ctrl+a`. Where something is typed they are text, and after `g` they go to a screen. */
export function useKeys(keys: Readonly<Record<string, () => unknown>>): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    let isAfterG = false
    const onKey = (event: KeyboardEvent) => {
      const wasG = isAfterG
      isAfterG = event.key === 'g'
      if (wasG || event.altKey || event.metaKey || takesKeys(event.target)) return
      const run = current.current[`${event.ctrlKey ? 'ctrl+' : ''}${event.key.toLowerCase()}`]
      if (!run) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

/** A box that is ticked takes Space only. */
function takesKeys(target: EventTarget | null): boolean {
  const isBox = target instanceof HTMLInputElement && target.type === 'checkbox' && !target.closest('dialog')
  return isTyping(target) && !isBox
}
