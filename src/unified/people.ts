/** People and companies: customers, and those who look after them. */

import {
  address,
  bool,
  date,
  decimal,
  detail,
  integer,
  link,
  ownerLink,
  personName,
  type RecordType,
  text,
  textOf,
  time,
} from './mapping.ts'

/** A person account has its row in Contact too, so one source is enough. */
export const contact: RecordType = {
  name: 'contact',
  view: 'contacts',
  capabilities: ['helpdesk', 'crm'],
  sources: [
    {
      object: 'Contact',
      columns: {
        name: textOf(personName),
        salutation: text('Salutation'),
        first_name: text('FirstName'),
        last_name: text('LastName'),
        email: text('Email'),
        phone: text('Phone'),
        mobile_phone: text('MobilePhone'),
        title: text('Title'),
        department: text('Department'),
        birthdate: date('Birthdate'),
        source: text('LeadSource'),
        description: detail(text('Description')),
        has_opted_out_of_email: bool('HasOptedOutOfEmail'),
        do_not_call: bool('DoNotCall'),
        email_bounced_at: time('EmailBouncedDate'),
        ...address('address', 'Mailing'),
        ...link('account', 'AccountId', 'Account'),
        ...ownerLink('owner', 'OwnerId'),
        reports_to_remote_id: text('ReportsToId'),
        merged_into_remote_id: text('MasterRecordId'),
      },
    },
  ],
  indexes: [['name'], ['created_at'], ['updated_at'], ['email'], ['account_remote_id', 'name']],
  search: ['name', 'email', 'phone', 'mobile_phone'],
}

export const account: RecordType = {
  name: 'account',
  view: 'accounts',
  capabilities: ['helpdesk', 'crm'],
  sources: [
    {
      object: 'Account',
      columns: {
        name: text('Name'),
        number: text('AccountNumber'),
        type: text('Type'),
        industry: text('Industry'),
        phone: text('Phone'),
        website: text('Website'),
        employees: integer('NumberOfEmployees'),
        annual_revenue: decimal('AnnualRevenue'),
        currency: text('CurrencyIsoCode'),
        rating: text('Rating'),
        source: text('AccountSource'),
        description: detail(text('Description')),
        is_person: bool('IsPersonAccount'),
        ...address('billing_address', 'Billing'),
        ...address('shipping_address', 'Shipping'),
        ...link('parent', 'ParentId', 'Account'),
        ...ownerLink('owner', 'OwnerId'),
        merged_into_remote_id: text('MasterRecordId'),
      },
    },
  ],
  indexes: [['name'], ['created_at'], ['updated_at'], ['parent_remote_id']],
  search: ['name', 'number', 'website', 'phone'],
}

export const user: RecordType = {
  name: 'user',
  view: 'users',
  capabilities: ['helpdesk', 'crm', 'content'],
  sources: [
    {
      object: 'User',
      columns: {
        name: textOf(personName),
        first_name: text('FirstName'),
        last_name: text('LastName'),
        username: text('Username'),
        email: text('Email'),
        alias: text('Alias'),
        phone: text('Phone'),
        title: text('Title'),
        department: text('Department'),
        kind: text('UserType'),
        is_active: bool('IsActive'),
        time_zone: text('TimeZoneSidKey'),
        locale: text('LocaleSidKey'),
        ...link('manager', 'ManagerId', 'User'),
      },
    },
  ],
  indexes: [['name'], ['created_at'], ['updated_at']],
  search: ['name', 'email', 'username'],
}

/** Queues: the groups that can own tickets and leads. Salesforce keeps roles and public groups in the same object. */
export const team: RecordType = {
  name: 'team',
  view: 'teams',
  capabilities: ['helpdesk', 'crm', 'content'],
  sources: [
    {
      object: 'Group',
      leaveOut: [{ not: { isOneOf: ['Type', ['Queue']] } }],
      page: { object: null, field: 'Id' },
      columns: {
        name: text('Name'),
        developer_name: text('DeveloperName'),
        email: text('Email'),
      },
    },
  ],
  indexes: [['name'], ['created_at'], ['updated_at']],
  search: ['name', 'developer_name'],
}
