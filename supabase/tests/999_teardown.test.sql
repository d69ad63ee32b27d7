begin;
drop schema if exists tests cascade;
commit;

begin;
select plan(1);
select hasnt_schema('tests', 'teardown: nothing of the suite stays in the database');
select * from finish();
rollback;
