import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

/** Nothing to show, and what would change that. */
export function EmptyState({
  title,
  icon = 'info',
  children,
}: {
  title: string
  icon?: IconName
  children?: ReactNode
}) {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <h2>{title}</h2>
      {children && <p className="dim">{children}</p>}
    </div>
  )
}
