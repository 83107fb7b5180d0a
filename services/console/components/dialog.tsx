import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Icon } from './icon.tsx'

/** A modal dialog of the browser: it keeps the focus, is closed with Esc or a click beside it, and gives the focus back. */
export function Dialog({
  title,
  onClose,
  children,
  isBare = false,
  size = 'normal',
}: {
  title: string
  onClose: () => void
  children: ReactNode
  /** Without its head: the title is told to screen readers only. */
  isBare?: boolean
  size?: 'normal' | 'wide'
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const element = dialog.current!
    const before = document.activeElement
    if (!element.open) element.showModal()
    return () => {
      element.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the dialog's own key
    <dialog
      ref={dialog}
      className={`dialog ${isBare ? 'bare' : ''} ${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="dialog-body">
        <header className={isBare ? 'sr-only' : 'dialog-head'}>
          <h2 id={titleId}>{title}</h2>
          {!isBare && (
            <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
              <Icon name="x" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  )
}
