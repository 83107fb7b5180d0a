import { type ReactNode, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { ConnectionBadge } from '../components/connection-badge.tsx'
import { Icon } from '../components/icon.tsx'
import { useSession, useSignIn } from '../data/session.ts'
import { NAVIGATION, type NavRow } from './screens.ts'
import { keep, readKept, THEMES, useTheme } from './theme.ts'
import { useBadges } from './use-badges.ts'

const COLLAPSED = 'murmur.nav'
const GROUPS = ['Work', 'Video', 'System'] as const

export function Shell({
  children,
  onPalette,
  onHelp,
}: {
  children: ReactNode
  onPalette: () => void
  onHelp: () => void
}) {
  const [collapsed, setCollapsed] = useState(readKept(COLLAPSED) === 'narrow')
  const [isOpen, setOpen] = useState(false)
  const toggle = () => {
    keep(COLLAPSED, collapsed ? 'wide' : 'narrow')
    setCollapsed(!collapsed)
  }
  return (
    <div className="shell" data-nav={collapsed ? 'narrow' : 'wide'} data-open={isOpen || undefined}>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <button
          type="button"
          className="icon-button only-phone"
          aria-label="Navigation"
          aria-expanded={isOpen}
          aria-controls="nav"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
        </button>
        <Link href="/tasks" className="brand" aria-label="Murmuration, tasks">
          <img src={iconUrl} alt="" width="24" height="24" />
          <span>Murmuration</span>
        </Link>
        <button type="button" className="palette-button" onClick={onPalette}>
          <Icon name="search" />
          <span className="not-phone">Search or go to…</span>
          <kbd className="not-phone">{isMac ? '⌘' : 'Ctrl'} K</kbd>
          <span className="only-phone sr-only">Search</span>
        </button>
        <span className="spring" />
        <ConnectionBadge />
        <ThemeButton />
        <button type="button" className="icon-button not-phone" aria-label="Keyboard help" onClick={onHelp}>
          <Icon name="keyboard" />
        </button>
        <SessionButton />
      </header>
      <nav id="nav" className="nav" aria-label="Screens">
        {GROUPS.map((group) => (
          <NavGroup key={group} group={group} onGo={() => setOpen(false)} />
        ))}
        <span className="spring" />
        <button
          type="button"
          className="nav-row not-phone"
          onClick={toggle}
          aria-label={collapsed ? 'Widen the navigation' : 'Narrow the navigation'}
        >
          <Icon name={collapsed ? 'chevron-right' : 'chevron-left'} />
          <span className="nav-label">Narrow</span>
        </button>
      </nav>
      {isOpen && (
        <button
          type="button"
          className="scrim"
          aria-label="Close the navigation"
          onClick={() => setOpen(false)}
        />
      )}
      <main id="main" className="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

const iconUrl = new URL('./icon.svg', import.meta.url).href
const isMac = /mac|iphone|ipad/i.test(navigator.userAgent)

function NavGroup({ group, onGo }: { group: NavRow['group']; onGo: () => void }) {
  const [location] = useLocation()
  const badges = useBadges()
  const rows = NAVIGATION.filter((row) => row.group === group)
  if (rows.length === 0) return null
  return (
    <div className="nav-group">
      <h2 className="nav-title">{group}</h2>
      {rows.map(({ to, label, icon, badge }) => {
        const count = badge ? (badges[badge] ?? 0) : 0
        const isHere =
          location === to || location.startsWith(`${to}/`) || (to === '/tasks' && location === '/')
        return (
          <Link
            key={to}
            href={to}
            className="nav-row"
            aria-current={isHere ? 'page' : undefined}
            onClick={onGo}
          >
            <Icon name={icon} />
            <span className="nav-label">{label}</span>
            {count > 0 && <span className="nav-badge">{count > 99 ? '99+' : count}</span>}
          </Link>
        )
      })}
    </div>
  )
}

function ThemeButton() {
  const [theme, setTheme] = useTheme()
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => setTheme(next)}
    >
      <Icon name={theme === 'system' ? 'contrast' : theme === 'light' ? 'sun' : 'moon'} />
    </button>
  )
}

function SessionButton() {
  const { data } = useSession()
  const { signOut } = useSignIn()
  if (!data?.signedIn || data.auth === 'none') return null
  return (
    <button
      type="button"
      className="button quiet"
      title={`${data.subject}, tenant ${data.tenant}`}
      onClick={() => void signOut()}
    >
      <Icon name="sign-out" />
      <span className="not-phone">Sign out</span>
      <span className="only-phone sr-only">Sign out</span>
    </button>
  )
}
