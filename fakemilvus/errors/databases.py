"""What is refused of databases."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid


class DatabaseNotFound(MilvusError):
    code = 800
    input_error = True
    template = "database not found[database={database}]"


class DatabaseNumLimitExceeded(MilvusError):
    code = 801
    input_error = True
    template = "exceeded the limit number of database[limit={limit}]"


class DatabaseNameInvalid(MilvusError):
    """``problem`` is one of the texts of ``engine/database``."""

    code = 802
    input_error = True
    template = "{problem}: invalid database name[database={database}]"


class DatabaseExists(ParameterInvalid):
    template = "database already exist: {database}: invalid parameter"


class DefaultDatabaseDropped(ParameterInvalid):
    template = "can not drop default database: invalid parameter"


class DatabaseNotEmpty(ParameterInvalid):
    template = "database:{database} not empty, must drop all collections before drop database: invalid parameter"


class AlterDatabaseUnnamed(ParameterInvalid):
    template = "alter database failed, database name does not exists: invalid parameter"


class AlterDatabaseNothing(ParameterInvalid):
    template = (
        "alter database with empty properties and delete keys, expected to set either properties or delete keys"
        ": invalid parameter"
    )


class AlterDatabaseBoth(ParameterInvalid):
    template = "alter database cannot modify properties and delete keys at the same time: invalid parameter"


class TimeZoneInvalid(ParameterInvalid):
    template = "unknown or invalid IANA Time Zone ID: {zone}: invalid parameter"
