import { useEffect, useSyncExternalStore } from 'react'
import type { PaletteCommand } from './palette.tsx'

let current: readonly PaletteCommand[] = []
const listeners = new Set<() => void>()

function set(commands: readonly PaletteCommand[]): void {
  current = commands
  for (const listener of listeners) listener()
}

/** What the screen that is shown adds to the command palette, for as long as it is shown. @param commands the same object while nothing changes */
export function useAddCommands(commands: readonly PaletteCommand[]): void {
  useEffect(() => {
    set(commands)
    return () => set([])
  }, [commands])
}

export function usePageCommands(): readonly PaletteCommand[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => current,
  )
}
