import { AppShell, Burger, Drawer, Group, Tooltip } from '@mantine/core'
import { useDisclosure, useLocalStorage } from '@mantine/hooks'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { Link, Outlet } from '@tanstack/react-router'
import { Mark } from './brand.tsx'
import { Navigation } from './navigation.tsx'
import { PersonMenu } from './person-menu.tsx'
import { SearchBox } from './search-box.tsx'
import classes from './shell.module.css'

/** The frame around every page of someone signed in. */
export function Shell() {
  const [collapsed, setCollapsed] = useLocalStorage({
    key: 'loopline.navigation-collapsed',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const [drawerOpened, drawer] = useDisclosure(false)
  const ToggleIcon = collapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  const toggleLabel = collapsed ? 'Expand navigation' : 'Collapse navigation'

  return (
    <AppShell
      layout="alt"
      header={{ height: 52 }}
      navbar={{ width: collapsed ? 60 : 212, breakpoint: 'sm', collapsed: { mobile: true } }}
      padding={{ base: 'md', sm: 'lg' }}
      transitionDuration={0}
    >
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap" justify="space-between">
          <Burger
            hiddenFrom="sm"
            size="sm"
            opened={drawerOpened}
            onClick={drawer.toggle}
            aria-label="Open navigation"
            aria-expanded={drawerOpened}
          />
          <SearchBox />
          <PersonMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar visibleFrom="sm" px={8} pb={8} className={collapsed ? classes.collapsed : undefined}>
        <Link to="/" className={classes.brand} aria-label="Loopline, to the start">
          <Mark />
          {!collapsed && 'Loopline'}
        </Link>
        <AppShell.Section grow style={{ overflowY: 'auto' }}>
          <Navigation collapsed={collapsed} />
        </AppShell.Section>
        <AppShell.Section>
          <Tooltip label={toggleLabel} position="right" disabled={!collapsed}>
            <button
              type="button"
              className={classes.toggle}
              aria-label={toggleLabel}
              aria-expanded={!collapsed}
              onClick={() => setCollapsed(!collapsed)}
            >
              <ToggleIcon size={18} stroke={1.6} aria-hidden />
              {!collapsed && 'Collapse'}
            </button>
          </Tooltip>
        </AppShell.Section>
      </AppShell.Navbar>
      <Drawer
        opened={drawerOpened}
        onClose={drawer.close}
        size={260}
        hiddenFrom="sm"
        title={
          <Group gap={10} fw={650} fz={16}>
            <Mark />
            Loopline
          </Group>
        }
        closeButtonProps={{ 'aria-label': 'Close navigation' }}
      >
        <Navigation collapsed={false} onNavigate={drawer.close} />
      </Drawer>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}
