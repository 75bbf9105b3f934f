-- A database for the state of many accounts, who owns it, and who works with it and no more. For psql 15 or newer, as the
-- superuser, once; the passwords are in the environment, so that no list of processes shows them:
--
--   OWNER_PASSWORD=… REPLICA_PASSWORD=… psql --set ON_ERROR_STOP=1 --file deploy/postgres/roles.sql postgres
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv replica_password REPLICA_PASSWORD

create role widgets_owner login password :'owner_password';
create role replica login password :'replica_password';
create database widgets owner widgets_owner encoding 'UTF8' template template0;

\connect widgets
-- What `widget-sync store init` will make as the owner, also in later versions.
alter default privileges for role widgets_owner grant usage on schemas to replica;
alter default privileges for role widgets_owner grant select, insert, update, delete on tables to replica;
-- That is one right too many: after `store init` you may take it back, as the owner:
--   revoke insert, update, delete on widget_sync.schema_version from replica;
