-- On which service a right ended, so that the clients of that service alone are told. Absent for what is not of one service. Expand only.
ALTER TABLE notice_event ADD COLUMN service_id TEXT;
