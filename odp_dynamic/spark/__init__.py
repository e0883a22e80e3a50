"""Rows of a Spark DataFrame into an operation, by PySpark 4's Python Data Source API.

::

    from odp_dynamic.spark import OdpDataSource

    spark.dataSource.register(OdpDataSource)
    df.write.format("odp").option("operation", …).option("rejects", …).mode("append").save()
    df.writeStream.format("odp").option("operation", …).option("checkpointLocation", …).start()

Each task loads the rows of its partition as `bulk_load` does: judged by the document, in batches, a batch that the
server refuses narrowed down to its bad rows. A row becomes a JSON object by its columns: structs are objects, arrays
arrays, dates and times ISO 8601 (in UTC where Spark knows the moment), decimals numbers.

Options, in which Spark does not tell capitals apart:

- ``operation``, by its id; ``document``, a path or URL, or a JSON array of them: by default the driver's ``$ODP_SPEC``,
  or the one that comes with the package. ``overlays`` upon it, by commas, are names of the package's, paths and URLs:
  by default those that the driver has, ``none`` for none. Both are read on the driver, and travel to the executors.
- ``environment``, ``server``, ``base_url``: as of `Api`; the driver and the executors each read their own ``odp.toml``.
- ``batch``, rows in a request; ``senders``, threads of each task [default: 1].
- ``rejects``, a directory that all machines share: see `_attempts`. ``max_rejects`` fails a job that has more.
- ``report``, a file on the driver, to which each job, and each micro-batch of a stream, adds a line of JSON: rows
  acknowledged, rejected and in doubt, requests, problems by kind, and what went wrong. Commits run in a process of
  their own, so this is how the driver's program learns them.
- ``idempotency``, the JSON pointer at which each row gets an id, or ``false``; by default the document's
  ``x-idempotency-pointer``.
- ``row_id``, columns, by commas and with dots into structs, that together say which row it is.
- ``nulls``, ``omit`` or ``send``: what becomes of a null column, or one inside a struct or map [default: omit].
- Any other is an argument of the operation, the same for all rows.

**Keys** are no options, for plans and event logs show those. Executors find them where `Api` does: in their ``ODP_``
variables, or by the sources that the named environment tells. Mind that Spark's default
``spark.redaction.regex`` does not hide a variable such as ``spark.executorEnv.ODP_PRIVATE_API_KEY``: have them set by
the cluster, as by ``spark.kubernetes.executor.secretKeyRef``, or widen it.

**Ids.** Spark runs a task again when it failed, and twice when it is slow; the rows of a partition may come in another
order then. So a row's id is made of what it holds, in a stream also of the query and the micro-batch, which the
checkpoint keeps; and rows that are exactly alike in one partition are numbered. Whatever attempt sends a row, it has
the same id; it has it too when the whole job is run again, on other partitions. The price: rows that are exactly alike
and in different partitions of one job have the same id, and the service counts them as one. Where such rows are
different things, name what tells them apart with ``row_id``, or bring them together with ``df.repartition(*columns)``,
all of them. ``row_id`` alone makes the id then, in all jobs; a row that has changed, but not there, has its old one.

**Without ids**, an operation that must not be sent twice is at most once in a job: rows that were sent without an
answer are counted in doubt and written to ``rejects``, and do not fail the task, or Spark would send all of it again; a
task that Spark starts again all the same refuses to (turn speculation off). What no task can see is a stage that was
lost with its executor and begun anew, a job that is run again, and a stream that goes on from its checkpoint.
"""

from __future__ import annotations

from importlib.util import find_spec

try:
    import pyspark.sql.datasource  # noqa: F401  # PySpark 3 has none
except ImportError as _error:
    raise ImportError(
        f"odp_dynamic.spark needs PySpark 4.0 or newer ({_error}); install it: pip install 'odp-dynamic[spark]'"
    ) from None
if find_spec("pyarrow") is None:  # Spark hands rows to Python with it, and does not install it
    raise ImportError("odp_dynamic.spark needs pyarrow; install it: pip install 'odp-dynamic[spark]'")

from ._source import OdpDataSource  # it imports what was looked for

__all__ = ["OdpDataSource"]
