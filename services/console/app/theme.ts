import { useSyncExternalStore } from 'react'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
const KEY = 'murmur.theme'
const listeners = new Set<() => void>()

/** What was chosen last, where the browser keeps that. */
export function currentTheme(): Theme {
  const kept = readKept(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

export function applyTheme(theme: Theme = currentTheme()): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
}

export function useTheme(): [theme: Theme, set: (theme: Theme) => void] {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, currentTheme)
  return [
    theme,
    (next) => {
      keep(KEY, next)
      applyTheme(next)
      for (const listener of listeners) listener()
    },
  ]
}

/** What the browser keeps for this page; undefined where it keeps nothing (private windows, settings). */
export function readKept(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Then it holds for this page only.
  }
}
