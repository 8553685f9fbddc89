import {
  Avatar,
  type MantineColorScheme,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { IconLogout } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { signOut } from '../api.ts'
import { usePerson } from '../session.ts'

/** Who is signed in, the theme, and the way out. */
export function PersonMenu() {
  const person = usePerson()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  if (!person) return null

  const leave = async () => {
    await signOut()
    await navigate({ to: '/sign-in' })
    queryClient.clear()
  }

  const words = person.name.trim().split(/\s+/)
  const initials = [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => word?.charAt(0))
    .join('')
    .toUpperCase()
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Tooltip label={person.name}>
          {/* The initials are in the name, for whoever speaks to the computer: “click MA”. */}
          <UnstyledButton aria-label={`${initials}, menu of ${person.name}`} style={{ borderRadius: '50%' }}>
            <Avatar size={32} color="indigo" variant="filled">
              {initials}
            </Avatar>
          </UnstyledButton>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} c="var(--mantine-color-text)" truncate>
            {person.name}
          </Text>
          <Text size="xs" truncate>
            {person.email} · {person.role}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          <Menu.RadioItem value="auto">As the system</Menu.RadioItem>
          <Menu.RadioItem value="light">Light</Menu.RadioItem>
          <Menu.RadioItem value="dark">Dark</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
