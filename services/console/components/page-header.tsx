import { type ReactNode, useEffect } from 'react'

/** The head of a screen: its title, which is the tab's too, what belongs to it, and what can be done. */
export function PageHeader({
  title,
  tab,
  meta,
  children,
}: {
  title: ReactNode
  /** The title of the tab where it is another one. */
  tab?: string
  meta?: ReactNode
  /** Actions, at the right. */
  children?: ReactNode
}) {
  const text = tab ?? (typeof title === 'string' ? title : 'Murmuration')
  useEffect(() => {
    document.title = `${text} · Murmuration`
  }, [text])
  return (
    <header className="page-header">
      <div className="page-title">
        <h1>{title}</h1>
        {meta && <div className="page-meta">{meta}</div>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  )
}
