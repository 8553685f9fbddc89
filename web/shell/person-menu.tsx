import { Avatar, Menu, Text, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { signOut } from '../api.ts'
import { usePerson } from '../session.ts'

const schemes = [
  { value: 'auto', label: 'Theme: as the system', Icon: IconDeviceDesktop },
  { value: 'light', label: 'Theme: light', Icon: IconSun },
  { value: 'dark', label: 'Theme: dark', Icon: IconMoon },
] as const

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

  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Tooltip label={person.name}>
          <UnstyledButton aria-label={`Menu of ${person.name}`} style={{ borderRadius: '50%' }}>
            <Avatar size={32} color="initials" name={person.name} variant="light" />
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
        {schemes.map(({ value, label, Icon }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            closeMenuOnClick={false}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={colorScheme === value ? <IconCheck size={16} aria-hidden /> : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
