#include "kube/table/pod_status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/table/human_time.h"
#include "kube/table/table.h"

namespace podwire::kube {
namespace {

json::object object(std::string text) {
  std::ranges::replace(text, '\'', '"');
  return json::parse(text).as_object();
}

/// "1/2 Running"
std::string status(const std::string& text) {
  const auto got = PodStatus::of(object(text));
  return std::to_string(got.ready) + "/" + std::to_string(got.containers) + " " + got.reason;
}

/// A pod of two containers with these statuses.
std::string pod(std::string_view statuses, std::string_view more = "") {
  return "{'spec':{'containers':[{'name':'a'},{'name':'b'}]},'status':{'phase':'Running','containerStatuses':"
         "[" +
         std::string(statuses) + "]" + std::string(more) + "}}";
}

TEST(PodStatus, IsThePhaseAtFirst) {
  EXPECT_EQ(status("{'spec':{'containers':[{}]},'status':{'phase':'Pending'}}"), "0/1 Pending");
  EXPECT_EQ(status("{}"), "0/0 ");
  EXPECT_EQ(status("{'spec':{'containers':[{}]},'status':{'phase':'Failed','reason':'Evicted'}}"),
            "0/1 Evicted");
  EXPECT_EQ(
      status("{'spec':{'containers':[{}]},'status':{'phase':'Pending','conditions':[{'type':'PodScheduled',"
             "'reason':'SchedulingGated'}]}}"),
      "0/1 SchedulingGated");
}

TEST(PodStatus, ContainersSayMore) {
  EXPECT_EQ(status(pod("{'ready':true,'state':{'running':{}}},{'ready':true,'state':{'running':{}}}")),
            "2/2 Running");
  EXPECT_EQ(status(pod(
                "{'ready':true,'state':{'running':{}}},{'state':{'waiting':{'reason':'CrashLoopBackOff'}}}")),
            "1/2 CrashLoopBackOff");
  EXPECT_EQ(
      status(pod(
          "{'state':{'waiting':{'reason':'ContainerCreating'}}},{'state':{'waiting':{'reason':'Other'}}}")),
      "0/2 ContainerCreating");
  EXPECT_EQ(status(pod("{'state':{'terminated':{'reason':'Error','exitCode':1}}}")), "0/2 Error");
  EXPECT_EQ(status(pod("{'state':{'terminated':{'reason':'Completed','exitCode':0}}}")), "0/2 Completed");
  EXPECT_EQ(status(pod("{'state':{'terminated':{'exitCode':3}}}")), "0/2 ExitCode:3");
  EXPECT_EQ(status(pod("{'state':{'terminated':{'exitCode':137,'signal':9}}}")), "0/2 Signal:9");
  EXPECT_EQ(status(pod("{'ready':false,'state':{'running':{}}}")), "0/2 Running");
}

TEST(PodStatus, OneThatRunsIsStrongerThanOneThatHasDoneItsPart) {
  const auto* both = "{'state':{'terminated':{'reason':'Completed'}}},{'ready':true,'state':{'running':{}}}";
  EXPECT_EQ(status(pod(both)), "1/2 NotReady");
  EXPECT_EQ(status(pod(both, ",'conditions':[{'type':'Ready','status':'True'}]")), "1/2 Running");
}

std::string init_pod(std::string_view statuses, std::string_view more = "") {
  return "{'spec':{'containers':[{'name':'a'}],'initContainers':[{'name':'i'},{'name':'s','restartPolicy':'"
         "Always'}]},"
         "'status':{'phase':'Pending','initContainerStatuses':[" +
         std::string(statuses) + "]" + std::string(more) + "}}";
}

TEST(PodStatus, InitContainersComeFirst) {
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'running':{}}}")), "0/2 Init:0/2");
  EXPECT_EQ(status(init_pod(
                "{'name':'i','state':{'terminated':{'exitCode':0}}},{'name':'s','state':{'running':{}}}")),
            "0/2 Init:1/2");
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'waiting':{'reason':'PodInitializing'}}}")),
            "0/2 Init:0/2");
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'waiting':{'reason':'CrashLoopBackOff'}}}")),
            "0/2 Init:CrashLoopBackOff");
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'terminated':{'exitCode':2}}}")), "0/2 Init:ExitCode:2");
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'terminated':{'exitCode':1,'signal':9}}}")),
            "0/2 Init:Signal:9");
  EXPECT_EQ(status(init_pod("{'name':'i','state':{'terminated':{'exitCode':1,'reason':'Error'}}}")),
            "0/2 Init:Error");
  EXPECT_EQ(status(init_pod(
                "{'name':'i','state':{'terminated':{'exitCode':0}}},{'name':'s','started':true,'ready':true,"
                "'state':{'running':{}}}",
                ",'containerStatuses':[{'state':{'waiting':{'reason':'PodInitializing'}}}]")),
            "1/2 PodInitializing");
}

TEST(PodStatus, BeingDeletedHidesTheRest) {
  EXPECT_EQ(status("{'metadata':{'deletionTimestamp':'2026-11-23T10:20:30Z'},'status':{'phase':'Running'}}"),
            "0/0 Terminating");
  EXPECT_EQ(
      status("{'metadata':{'deletionTimestamp':'2026-11-23T10:20:30Z'},'status':{'phase':'Succeeded'}}"),
      "0/0 Succeeded");
  EXPECT_EQ(status("{'metadata':{'deletionTimestamp':'2026-11-23T10:20:30Z'},'status':{'phase':'Running',"
                   "'reason':'NodeLost'}}"),
            "0/0 Unknown");
}

std::string row(const std::string& text) {
  auto out = json::serialize(cells_of("pods", object(text), *parse_time("2026-11-23T10:20:30Z")));
  std::ranges::replace(out, '"', '\'');
  return out;
}

TEST(PodCells, All) {
  EXPECT_EQ(
      row("{'metadata':{'name':'web-0','creationTimestamp':'2026-11-23T10:15:13Z'},'spec':{'nodeName':'n1',"
          "'containers':[{'name':'a'}],'readinessGates':[{'conditionType':'lb'},{'conditionType':'dns'}]},"
          "'status':{'phase':'Running','podIP':'10.244.1.2','podIPs':[{'ip':'10.244.1.2'},{'ip':'fd00::2'}],"
          "'nominatedNodeName':'n2','conditions':[{'type':'lb','status':'True'},{'type':'dns','status':'"
          "False'}],"
          "'containerStatuses':[{'ready':true,'restartCount':3,'state':{'running':{}},'lastState':{'"
          "terminated':"
          "{'finishedAt':'2026-11-23T10:18:30Z'}}}]}}"),
      "['web-0','1/1','Running','3 (2m ago)','5m17s','10.244.1.2','n1','n2','1/2']");
  EXPECT_EQ(row("{'metadata':{'name':'p'},'spec':{'containers':[{}]},'status':{'phase':'Pending'}}"),
            "['p','0/1','Pending','0','<unknown>','<none>','<none>','<none>','<none>']");
}

TEST(PodCells, RestartsOfInitContainersAreForgottenWhenTheyAreDone) {
  const auto restarts = [](std::string_view init_state) {
    return PodStatus::
        of(object(
               "{'spec':{'containers':[{'name':'a'}],'initContainers':[{'name':'i'},{'name':'s',"
               "'restartPolicy':'Always'}]},'status':{'initContainerStatuses':[{'name':'s','restartCount':1,"
               "'started':true,'state':{'running':{}}},{'name':'i','restartCount':5,'state':" +
               std::string(init_state) + "}],'containerStatuses':[{'name':'a','restartCount':2}]}}"))
            .restarts;
  };
  EXPECT_EQ(restarts("{'running':{}}"), 6);
  EXPECT_EQ(restarts("{'terminated':{'exitCode':0}}"), 3);
}

}  // namespace
}  // namespace podwire::kube
