import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { ErrorBoundary } from '../components/error-boundary.tsx'
import { ErrorPanel } from '../components/error-panel.tsx'
import { Loading } from '../components/loading.tsx'
import { Toasts } from '../components/toasts.tsx'
import { toProblemError } from '../data/problem.ts'
import { useSession } from '../data/session.ts'
import { LAZY_SCREENS } from './screens.ts'
import { Shell } from './shell.tsx'
import { useShortcuts } from './shortcuts.ts'

const SignIn = lazy(() => import('./sign-in.tsx'))
const NotFound = lazy(() => import('./not-found.tsx'))
const Palette = lazy(() => import('./palette.tsx'))
const KeyHelp = lazy(() => import('./key-help.tsx'))

export function App() {
  const session = useSession()
  if (session.isPending)
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
  return (
    <Shell onPalette={() => setOpen('palette')} onHelp={() => setOpen('help')}>
      <Switch>
        {LAZY_SCREENS.map(({ path, title, Component }) => (
          <Route key={path} path={path}>
            {(params) => (
              <ErrorBoundary key={location}>
                <Suspense fallback={<Loading label={title} />}>
                  <Component params={params as Readonly<Record<string, string>>} />
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

/** Whoever goes to another screen, by whatever means, reads on at its beginning. */
function useFocusOnNavigation(location: string): void {
  const before = useRef(location)
  useEffect(() => {
    if (before.current === location) return
    before.current = location
    document.getElementById('main')?.focus({ preventScroll: true })
  }, [location])
}
