import { useId, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import { Dialog } from '../components/dialog.tsx'
import { Icon } from '../components/icon.tsx'
import { matchCommands } from './match-commands.ts'
import { usePageCommands } from './page-commands.ts'
import type { PaletteCommand } from './palette-command.ts'
import { NAVIGATION } from './screens.ts'
import { THEMES, useTheme } from './theme.ts'

/** A wall may have a thousand cameras: what is typed finds the others. */
const MAX_SHOWN = 60
/** Of those of the screen, before anything is typed: the others stand below them. */
const MAX_UNTYPED = 20
const TASK_ID = /^[A-Za-z0-9_-]{6,64}$/

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const commands = useCommands(text)
  const found = useMemo(() => matchCommands(commands, text).slice(0, MAX_SHOWN), [commands, text])
  const active = Math.min(at, Math.max(0, found.length - 1))
  const run = (command: PaletteCommand | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  return (
    <Dialog title="Commands" onClose={onClose} isBare>
      <div className="palette">
        <div className="palette-input">
          <Icon name="search" />
          <input
            role="combobox"
            aria-expanded="true"
            aria-controls={listId}
            aria-activedescendant={found[active] ? `${listId}-${active}` : undefined}
            aria-label="Search commands, or a task's id"
            placeholder="Go to a screen, run a command, paste the id of a task…"
            autoFocus
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setAt(0)
            }}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown') setAt((active + 1) % Math.max(1, found.length))
              else if (event.key === 'ArrowUp') setAt((active + found.length - 1) % Math.max(1, found.length))
              else if (event.key === 'Enter') run(found[active])
              else return
              event.preventDefault()
            }}
          />
        </div>
        <div id={listId} role="listbox" aria-label="Commands" className="palette-list">
          {found.map((command, index) => (
            <button
              key={command.label}
              id={`${listId}-${index}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className="palette-row"
              onPointerMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              <span>{command.label}</span>
              {command.hint && <span className="dim">{command.hint}</span>}
            </button>
          ))}
        </div>
        {found.length === 0 && <p className="dim palette-none">Nothing is called that.</p>}
      </div>
    </Dialog>
  )
}

function useCommands(text: string): readonly PaletteCommand[] {
  const [, navigate] = useLocation()
  const [, setTheme] = useTheme()
  const ofPage = usePageCommands()
  return useMemo(() => {
    const id = text.trim()
    const task: PaletteCommand[] = TASK_ID.test(id)
      ? [{ label: `Open task ${id}`, icon: 'list', run: () => navigate(`/tasks/${id}`) }]
      : []
    return [
      ...(id === '' ? ofPage.slice(0, MAX_UNTYPED) : ofPage),
      ...NAVIGATION.map(
        ({ to, label, icon, key }): PaletteCommand => ({
          label: `Go to ${label}`,
          icon,
          hint: `g ${key}`,
          run: () => navigate(to),
        }),
      ),
      ...THEMES.map(
        (theme): PaletteCommand => ({
          label: `Theme: ${theme}`,
          icon: theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'contrast',
          run: () => setTheme(theme),
        }),
      ),
      { label: 'API documentation', icon: 'file', run: () => location.assign('/docs') },
      ...task,
    ]
  }, [text, navigate, setTheme, ofPage])
}
