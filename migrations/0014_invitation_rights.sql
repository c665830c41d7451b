-- What an invitation gives whoever accepts it: `service:profile`, separated by spaces. Absent for one sent before: what newcomers receive. Expand only.
ALTER TABLE invitation ADD COLUMN rights TEXT;
