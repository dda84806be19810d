"""initial

Revision: 0001, after 
"""
import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.String(length=80), nullable=False),
    sa.Column('realm', sa.String(length=8), nullable=False),
    sa.Column('login', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('id_number', sa.String(length=30), nullable=True),
    sa.Column('organisation_code', sa.String(length=18), nullable=True),
    sa.Column('phone', sa.String(length=30), nullable=True),
    sa.Column('department_code', sa.String(length=40), nullable=True),
    sa.Column('division_code', sa.String(length=6), nullable=True),
    sa.Column('disabled', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=True),
    sa.Column('failed_logins', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('realm', 'login', name=op.f('uq_account_realm_login'))
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index('ix_account_department_code', ['department_code'], unique=False)

    op.create_table('audit_entry',
    sa.Column('chain', sa.String(length=100), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('chain', 'seq', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_by'), ['by'], unique=False)

    op.create_table('calendar_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('is_workday', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_day'))
    )
    op.create_table('department',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('division_code', sa.String(length=6), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_department')),
    sa.UniqueConstraint('name', name=op.f('uq_department_name'))
    )
    op.create_table('division',
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('parent_code', sa.String(length=6), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_division'))
    )
    with op.batch_alter_table('division', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_division_parent_code'), ['parent_code'], unique=False)

    op.create_table('kept_answer',
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('request_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('account', 'key', name=op.f('pk_kept_answer'))
    )
    with op.batch_alter_table('kept_answer', schema=None) as batch_op:
        batch_op.create_index('ix_kept_answer_created_at', ['created_at'], unique=False)

    op.create_table('number_sequence',
    sa.Column('prefix', sa.String(length=60), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('prefix', name=op.f('pk_number_sequence'))
    )
    op.create_table('outbox_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.String(length=500), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_event')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_event_key'))
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_event_undelivered', ['next_attempt_at'], unique=False, sqlite_where=sa.text('delivered_at IS NULL'), postgresql_where=sa.text('delivered_at IS NULL'))

    op.create_table('platform_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('project_code', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_report')),
    sa.UniqueConstraint('key', name=op.f('uq_platform_report_key'))
    )
    with op.batch_alter_table('platform_report', schema=None) as batch_op:
        batch_op.create_index('ix_platform_report_project_code_sent_at', ['project_code', 'sent_at'], unique=False)

    op.create_table('process_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=False),
    sa.Column('deployed_by', sa.String(length=80), nullable=False),
    sa.Column('deployed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_file')),
    sa.UniqueConstraint('sha256', name=op.f('uq_process_file_sha256'))
    )
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('search_text', sa.String(length=600), nullable=False),
    sa.Column('owner', sa.String(length=80), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('organisation_code', sa.String(length=18), nullable=False),
    sa.Column('division_code', sa.String(length=6), nullable=False),
    sa.Column('template_id', sa.String(length=10), nullable=False),
    sa.Column('attributes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('code', name=op.f('uq_project_code'))
    )
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.create_index('ix_project_owner_created_at', ['owner', 'created_at'], unique=False)

    op.create_table('stored_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('sha256', name=op.f('uq_stored_file_sha256'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_api_token_account_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.create_index('ix_api_token_account', ['account'], unique=False)

    op.create_table('application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=50), nullable=True),
    sa.Column('applicant', sa.String(length=80), nullable=False),
    sa.Column('applicant_name', sa.String(length=200), nullable=False),
    sa.Column('applicant_id_number', sa.String(length=30), nullable=False),
    sa.Column('contact_phone', sa.String(length=30), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('stage_number', sa.Integer(), nullable=True),
    sa.Column('division_code', sa.String(length=6), nullable=False),
    sa.Column('state', sa.String(length=14), nullable=False),
    sa.Column('delivery', sa.String(length=20), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('tolerated', sa.JSON(), nullable=False),
    sa.Column('corrections', sa.JSON(), nullable=False),
    sa.Column('correction_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('correction_due_on', sa.Date(), nullable=True),
    sa.Column('decision_reason', sa.String(length=1000), nullable=True),
    sa.Column('instance_id', sa.String(length=32), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pre_accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_application_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('instance_id', name=op.f('uq_application_instance_id')),
    sa.UniqueConstraint('number', name=op.f('uq_application_number'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_applicant_created_at', ['applicant', 'created_at'], unique=False)
        batch_op.create_index('ix_application_applicant_id_number', ['applicant_id_number'], unique=False)
        batch_op.create_index('ix_application_project_id', ['project_id'], unique=False)
        batch_op.create_index('ix_application_state_submitted_at', ['state', 'submitted_at'], unique=False)

    op.create_table('group_membership',
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('group_name', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_group_membership_account_account')),
    sa.PrimaryKeyConstraint('account', 'group_name', name=op.f('pk_group_membership'))
    )
    op.create_table('login_session',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_login_session_account_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_login_session'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index('ix_login_session_account', ['account'], unique=False)

    op.create_table('process_definition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['process_file.id'], name=op.f('fk_process_definition_file_id_process_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_definition')),
    sa.UniqueConstraint('key', 'version', name=op.f('uq_process_definition_key_version'))
    )
    op.create_table('project_stage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('milestone_type', sa.Integer(), nullable=False),
    sa.Column('milestone_items', sa.JSON(), nullable=False),
    sa.Column('promised_days', sa.Integer(), nullable=True),
    sa.Column('process_key', sa.String(length=120), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_stage_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_stage')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_project_stage_project_id_number'))
    )
    op.create_table('role_grant',
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_role_grant_account_account')),
    sa.PrimaryKeyConstraint('account', 'role', name=op.f('pk_role_grant'))
    )
    op.create_table('service_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_en', sa.String(length=200), nullable=False),
    sa.Column('search_text', sa.String(length=600), nullable=False),
    sa.Column('department_code', sa.String(length=40), nullable=False),
    sa.Column('division_code', sa.String(length=6), nullable=False),
    sa.Column('item_type', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('basic_code', sa.String(length=12), nullable=True),
    sa.Column('implementation_code', sa.String(length=33), nullable=True),
    sa.Column('legal_days', sa.Integer(), nullable=True),
    sa.Column('legal_unit', sa.String(length=2), nullable=False),
    sa.Column('promised_days', sa.Integer(), nullable=True),
    sa.Column('promised_unit', sa.String(length=2), nullable=False),
    sa.Column('applicability', sa.String(length=500), nullable=False),
    sa.Column('process_key', sa.String(length=120), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('effective_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['department_code'], ['department.code'], name=op.f('fk_service_item_department_code_department')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_item')),
    sa.UniqueConstraint('code', 'version', name=op.f('uq_service_item_code_version'))
    )
    with op.batch_alter_table('service_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_item_basic_code'), ['basic_code'], unique=False)
        batch_op.create_index('ix_service_item_search', ['is_current', 'division_code', 'department_code', 'item_type', 'status'], unique=False)
        batch_op.create_index('uq_service_item_current', ['code'], unique=True, sqlite_where=sa.text('is_current = 1'), postgresql_where=sa.text('is_current'))

    op.create_table('window_authorisation',
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('item_code', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['account.id'], name=op.f('fk_window_authorisation_account_account')),
    sa.PrimaryKeyConstraint('account', 'item_code', name=op.f('pk_window_authorisation'))
    )
    op.create_table('case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=50), nullable=True),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('item_code', sa.String(length=20), nullable=False),
    sa.Column('department_code', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=14), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.Column('legal_on', sa.Date(), nullable=True),
    sa.Column('decision', sa.String(length=10), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_reason', sa.String(length=1000), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_case_application_id_application')),
    sa.ForeignKeyConstraint(['item_id'], ['service_item.id'], name=op.f('fk_case_item_id_service_item')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_case_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('application_id', 'item_id', name=op.f('uq_case_application_id_item_id')),
    sa.UniqueConstraint('number', name=op.f('uq_case_number'))
    )
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index('ix_case_department_code_state', ['department_code', 'state'], unique=False)
        batch_op.create_index('ix_case_project_id_item_code', ['project_id', 'item_code'], unique=False)
        batch_op.create_index('ix_case_state_promised_on', ['state', 'promised_on'], unique=False)

    op.create_table('material_requirement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('same_as', sa.String(length=200), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('from_item', sa.String(length=20), nullable=True),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('tolerable', sa.Boolean(), nullable=False),
    sa.Column('originals', sa.Integer(), nullable=False),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.Column('electronic', sa.Integer(), nullable=False),
    sa.Column('review_points', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['service_item.id'], name=op.f('fk_material_requirement_item_id_service_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_material_requirement')),
    sa.UniqueConstraint('item_id', 'seq', name=op.f('uq_material_requirement_item_id_seq'))
    )
    op.create_table('prerequisite',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('group_no', sa.Integer(), nullable=False),
    sa.Column('item_code', sa.String(length=20), nullable=False),
    sa.Column('condition', sa.String(length=500), nullable=True),
    sa.Column('need', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['service_item.id'], name=op.f('fk_prerequisite_item_id_service_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prerequisite'))
    )
    with op.batch_alter_table('prerequisite', schema=None) as batch_op:
        batch_op.create_index('ix_prerequisite_item_id', ['item_id'], unique=False)

    op.create_table('process_instance',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('definition_id', sa.Integer(), nullable=False),
    sa.Column('root_id', sa.String(length=32), nullable=False),
    sa.Column('parent_id', sa.String(length=32), nullable=True),
    sa.Column('parent_task_id', sa.String(length=36), nullable=True),
    sa.Column('parent_element_id', sa.String(length=120), nullable=True),
    sa.Column('business_key', sa.String(length=80), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.LargeBinary(), nullable=False),
    sa.Column('audit_seq', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('audit_hash', sa.LargeBinary(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_by', sa.String(length=80), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['definition_id'], ['process_definition.id'], name=op.f('fk_process_instance_definition_id_process_definition')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_instance'))
    )
    with op.batch_alter_table('process_instance', schema=None) as batch_op:
        batch_op.create_index('ix_process_instance_business_key_status', ['business_key', 'status'], unique=False)
        batch_op.create_index('ix_process_instance_definition_id_status', ['definition_id', 'status'], unique=False)
        batch_op.create_index('ix_process_instance_parent_id', ['parent_id'], unique=False)
        batch_op.create_index('ix_process_instance_root_id', ['root_id'], unique=False)

    op.create_table('clock_pause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.String(length=1000), nullable=True),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_clock_pause_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_pause'))
    )
    with op.batch_alter_table('clock_pause', schema=None) as batch_op:
        batch_op.create_index('ix_clock_pause_case_id', ['case_id'], unique=False)

    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('created_by', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_document_application_id_application')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_document_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('number', name=op.f('uq_document_number'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index('ix_document_application_id', ['application_id'], unique=False)

    op.create_table('licence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('item_code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('issued_by', sa.String(length=80), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_licence_case_id_case')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_licence_file_id_stored_file')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_licence_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_licence')),
    sa.UniqueConstraint('case_id', name=op.f('uq_licence_case_id')),
    sa.UniqueConstraint('number', name=op.f('uq_licence_number'))
    )
    with op.batch_alter_table('licence', schema=None) as batch_op:
        batch_op.create_index('ix_licence_project_id_item_code', ['project_id', 'item_code'], unique=False)

    op.create_table('notification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('node', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('phone', sa.String(length=30), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sms_state', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_notification_application_id_application')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_notification_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification'))
    )
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.create_index('ix_notification_account_created_at', ['account', 'created_at'], unique=False)

    op.create_table('opinion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.String(length=36), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=False),
    sa.Column('step_name', sa.String(length=200), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('text', sa.String(length=4000), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_opinion_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opinion'))
    )
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.create_index('ix_opinion_case_id', ['case_id'], unique=False)

    op.create_table('task',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('instance_id', sa.String(length=32), nullable=False),
    sa.Column('root_id', sa.String(length=32), nullable=False),
    sa.Column('business_key', sa.String(length=80), nullable=False),
    sa.Column('element_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=True),
    sa.Column('form_key', sa.String(length=120), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('assignee', sa.String(length=80), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completed_by', sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(['instance_id'], ['process_instance.id'], name=op.f('fk_task_instance_id_process_instance')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index('ix_task_assignee_status_due_at', ['assignee', 'status', 'due_at'], unique=False)
        batch_op.create_index('ix_task_business_key_status', ['business_key', 'status'], unique=False)
        batch_op.create_index('ix_task_completed_by_completed_at', ['completed_by', 'completed_at'], unique=False)
        batch_op.create_index('ix_task_instance_id', ['instance_id'], unique=False)
        batch_op.create_index('ix_task_root_id', ['root_id'], unique=False)

    op.create_table('time_limit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(length=2), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_time_limit_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_limit')),
    sa.UniqueConstraint('case_id', 'kind', name=op.f('uq_time_limit_case_id_kind'))
    )
    with op.batch_alter_table('time_limit', schema=None) as batch_op:
        batch_op.create_index('ix_time_limit_state_due_on', ['state', 'due_on'], unique=False)

    op.create_table('timer',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('instance_id', sa.String(length=32), nullable=False),
    sa.Column('element_id', sa.String(length=120), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['instance_id'], ['process_instance.id'], name=op.f('fk_timer_instance_id_process_instance')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timer'))
    )
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.create_index('ix_timer_instance_id', ['instance_id'], unique=False)
        batch_op.create_index('ix_timer_status_due_at', ['status', 'due_at'], unique=False)

    op.create_table('material',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('trust_level', sa.String(length=1), nullable=False),
    sa.Column('verify_required', sa.Boolean(), nullable=False),
    sa.Column('verified_by', sa.String(length=80), nullable=True),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=True),
    sa.Column('licence_id', sa.Integer(), nullable=True),
    sa.Column('handed_in_by', sa.String(length=80), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_material_application_id_application')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_material_file_id_stored_file')),
    sa.ForeignKeyConstraint(['licence_id'], ['licence.id'], name=op.f('fk_material_licence_id_licence')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_material')),
    sa.UniqueConstraint('application_id', 'key', 'version', name=op.f('uq_material_application_id_key_version'))
    )
    with op.batch_alter_table('material', schema=None) as batch_op:
        batch_op.create_index('ix_material_application_id_is_current', ['application_id', 'is_current'], unique=False)

    op.create_table('opinion_draft',
    sa.Column('task_id', sa.String(length=36), nullable=False),
    sa.Column('account', sa.String(length=80), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_opinion_draft_task_id_task')),
    sa.PrimaryKeyConstraint('task_id', 'account', name=op.f('pk_opinion_draft'))
    )
    op.create_table('task_candidate',
    sa.Column('task_id', sa.String(length=36), nullable=False),
    sa.Column('group_name', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_candidate_task_id_task')),
    sa.PrimaryKeyConstraint('task_id', 'group_name', name=op.f('pk_task_candidate'))
    )
    with op.batch_alter_table('task_candidate', schema=None) as batch_op:
        batch_op.create_index('ix_task_candidate_group_name_task_id', ['group_name', 'task_id'], unique=False)

    op.create_table('file_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('material_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['material_id'], ['material.id'], name=op.f('fk_file_access_material_id_material')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file_access'))
    )
    with op.batch_alter_table('file_access', schema=None) as batch_op:
        batch_op.create_index('ix_file_access_material_id', ['material_id'], unique=False)

    op.create_table('material_use',
    sa.Column('material_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('requirement_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_material_use_case_id_case')),
    sa.ForeignKeyConstraint(['material_id'], ['material.id'], name=op.f('fk_material_use_material_id_material')),
    sa.ForeignKeyConstraint(['requirement_id'], ['material_requirement.id'], name=op.f('fk_material_use_requirement_id_material_requirement')),
    sa.PrimaryKeyConstraint('material_id', 'case_id', 'requirement_id', name=op.f('pk_material_use'))
    )
    with op.batch_alter_table('material_use', schema=None) as batch_op:
        batch_op.create_index('ix_material_use_case_id', ['case_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('material_use', schema=None) as batch_op:
        batch_op.drop_index('ix_material_use_case_id')

    op.drop_table('material_use')
    with op.batch_alter_table('file_access', schema=None) as batch_op:
        batch_op.drop_index('ix_file_access_material_id')

    op.drop_table('file_access')
    with op.batch_alter_table('task_candidate', schema=None) as batch_op:
        batch_op.drop_index('ix_task_candidate_group_name_task_id')

    op.drop_table('task_candidate')
    op.drop_table('opinion_draft')
    with op.batch_alter_table('material', schema=None) as batch_op:
        batch_op.drop_index('ix_material_application_id_is_current')

    op.drop_table('material')
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.drop_index('ix_timer_status_due_at')
        batch_op.drop_index('ix_timer_instance_id')

    op.drop_table('timer')
    with op.batch_alter_table('time_limit', schema=None) as batch_op:
        batch_op.drop_index('ix_time_limit_state_due_on')

    op.drop_table('time_limit')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('ix_task_root_id')
        batch_op.drop_index('ix_task_instance_id')
        batch_op.drop_index('ix_task_completed_by_completed_at')
        batch_op.drop_index('ix_task_business_key_status')
        batch_op.drop_index('ix_task_assignee_status_due_at')

    op.drop_table('task')
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.drop_index('ix_opinion_case_id')

    op.drop_table('opinion')
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.drop_index('ix_notification_account_created_at')

    op.drop_table('notification')
    with op.batch_alter_table('licence', schema=None) as batch_op:
        batch_op.drop_index('ix_licence_project_id_item_code')

    op.drop_table('licence')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index('ix_document_application_id')

    op.drop_table('document')
    with op.batch_alter_table('clock_pause', schema=None) as batch_op:
        batch_op.drop_index('ix_clock_pause_case_id')

    op.drop_table('clock_pause')
    with op.batch_alter_table('process_instance', schema=None) as batch_op:
        batch_op.drop_index('ix_process_instance_root_id')
        batch_op.drop_index('ix_process_instance_parent_id')
        batch_op.drop_index('ix_process_instance_definition_id_status')
        batch_op.drop_index('ix_process_instance_business_key_status')

    op.drop_table('process_instance')
    with op.batch_alter_table('prerequisite', schema=None) as batch_op:
        batch_op.drop_index('ix_prerequisite_item_id')

    op.drop_table('prerequisite')
    op.drop_table('material_requirement')
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index('ix_case_state_promised_on')
        batch_op.drop_index('ix_case_project_id_item_code')
        batch_op.drop_index('ix_case_department_code_state')

    op.drop_table('case')
    op.drop_table('window_authorisation')
    with op.batch_alter_table('service_item', schema=None) as batch_op:
        batch_op.drop_index('uq_service_item_current', sqlite_where=sa.text('is_current = 1'), postgresql_where=sa.text('is_current'))
        batch_op.drop_index('ix_service_item_search')
        batch_op.drop_index(batch_op.f('ix_service_item_basic_code'))

    op.drop_table('service_item')
    op.drop_table('role_grant')
    op.drop_table('project_stage')
    op.drop_table('process_definition')
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index('ix_login_session_account')

    op.drop_table('login_session')
    op.drop_table('group_membership')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index('ix_application_state_submitted_at')
        batch_op.drop_index('ix_application_project_id')
        batch_op.drop_index('ix_application_applicant_id_number')
        batch_op.drop_index('ix_application_applicant_created_at')

    op.drop_table('application')
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.drop_index('ix_api_token_account')

    op.drop_table('api_token')
    op.drop_table('stored_file')
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_index('ix_project_owner_created_at')

    op.drop_table('project')
    op.drop_table('process_file')
    with op.batch_alter_table('platform_report', schema=None) as batch_op:
        batch_op.drop_index('ix_platform_report_project_code_sent_at')

    op.drop_table('platform_report')
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_event_undelivered', sqlite_where=sa.text('delivered_at IS NULL'), postgresql_where=sa.text('delivered_at IS NULL'))

    op.drop_table('outbox_event')
    op.drop_table('number_sequence')
    with op.batch_alter_table('kept_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_kept_answer_created_at')

    op.drop_table('kept_answer')
    with op.batch_alter_table('division', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_division_parent_code'))

    op.drop_table('division')
    op.drop_table('department')
    op.drop_table('calendar_day')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_by'))

    op.drop_table('audit_entry')
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_index('ix_account_department_code')

    op.drop_table('account')
