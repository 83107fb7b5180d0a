import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { ErrorBoundary } from '../components/error-boundary.tsx'
import { ErrorPanel } from '../components/error-panel.tsx'
import { Loading } from '../components/loading.tsx'
import { Toasts } from '../components/toasts.tsx'
import { toProblemError } from '../data/problem.ts'
import { useSession } from '../data/session.ts'
import { Preloaded } from './preloadable.tsx'
import { LAZY_SCREENS, preloadScreen } from './screens.ts'
import { Shell } from './shell.tsx'
import { useShortcuts } from './shortcuts.ts'

const SignIn = lazy(() => import('./sign-in.tsx'))
const NotFound = lazy(() => import('./not-found.tsx'))
const Palette = lazy(() => import('./palette.tsx'))
const KeyHelp = lazy(() => import('./key-help.tsx'))

// At the same time as who is signed in.
const firstScreen = preloadScreen(window.location.pathname)

export function App() {
  const session = useSession()
  const isFetched = useFirstScreen()
  if (session.isPending || (session.data?.signedIn && !isFetched))
    return session.failureCount > 1 ? (
      <main className="alone">
        <ErrorPanel problem={toProblemError(session.failureReason)} title="No answer yet" />
      </main>
    ) : (
      <Loading label="Connecting" />
    )
  if (session.isError)
    return (
      <main className="alone">
        <ErrorPanel problem={toProblemError(session.error)} onRetry={() => void session.refetch()} />
      </main>
    )
  if (!session.data.signedIn)
    return (
      <Suspense fallback={<Loading label="Sign in" />}>
        <SignIn session={session.data} />
      </Suspense>
    )
  return <SignedIn />
}

function SignedIn() {
  const [open, setOpen] = useState<'palette' | 'help'>()
  const [location, navigate] = useLocation()
  useShortcuts({
    onPalette: () => setOpen('palette'),
    onHelp: () => setOpen('help'),
    onGo: (to) => navigate(to),
  })
  useFocusOnNavigation(location)
  usePreloadOfLinks()
  return (
    <Shell onPalette={() => setOpen('palette')} onHelp={() => setOpen('help')}>
      <Switch>
        {LAZY_SCREENS.map(({ path, title, lazy: screen }) => (
          <Route key={path} path={path}>
            {(params) => (
              <ErrorBoundary key={location}>
                <Suspense fallback={<Loading label={title} />}>
                  <Preloaded of={screen} props={{ params: params as Readonly<Record<string, string>> }} />
                </Suspense>
              </ErrorBoundary>
            )}
          </Route>
        ))}
        <Route>
          <Suspense fallback={<Loading label="Page" />}>
            <NotFound path={location} />
          </Suspense>
        </Route>
      </Switch>
      <Toasts />
      <Suspense fallback={null}>
        {open === 'palette' && <Palette onClose={() => setOpen(undefined)} />}
        {open === 'help' && <KeyHelp onClose={() => setOpen(undefined)} />}
      </Suspense>
    </Shell>
  )
}

/** Whether the code of the first screen is there, so that it is drawn at once and whole. */
function useFirstScreen(): boolean {
  const [isFetched, setFetched] = useState(false)
  useEffect(() => void firstScreen.then(() => setFetched(true)), [])
  return isFetched
}

/** What somebody points at, or comes to by keyboard, is fetched before it is opened. */
function usePreloadOfLinks(): void {
  useEffect(() => {
    const onPoint = ({ target }: Event) => {
      const around = target instanceof Element ? target.closest('a[href^="/"], [role="row"]') : null
      const link = around?.matches('a') ? around : around?.querySelector('a[href^="/"]')
      const path = link?.getAttribute('href')?.split(/[?#]/)[0]
      if (path) void preloadScreen(path)
    }
    document.addEventListener('pointerover', onPoint, { passive: true })
    document.addEventListener('focusin', onPoint)
    return () => {
      document.removeEventListener('pointerover', onPoint)
      document.removeEventListener('focusin', onPoint)
    }
  }, [])
}

/** Whoever goes to another screen, by whatever means, reads on at its beginning. */
function useFocusOnNavigation(location: string): void {
  const before = useRef(location)
  useEffect(() => {
    if (before.current === location) return
    before.current = location
    document.getElementById('main')?.focus({ preventScroll: true })
  }, [location])
}
